const escapes: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that is already HTML. A plain string never passes for it. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What may stand in a template; nothing is shown for null, undefined and false. */
export type Value = Html | string | number | bigint | false | null | undefined | readonly Value[];

function render(value: Value): string {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Html) return value.toString();
  if (typeof value === "object") return value.map(render).join("");
  return String(value).replace(/[&<>"']/g, (character) => escapes[character] ?? "");
}

/**
 * Escapes everything that is put in, in text and in quoted attributes alike. Values must stand in one of these two
 * places: never in a tag's name, an unquoted attribute, a script or a style.
 */
export function html(strings: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(String.raw({ raw: strings }, ...values.map(render)));
}

/** Markup that is part of the program, unescaped. Nothing that came from outside may go in. */
export function ownMarkup(text: string): Html {
  return new Html(text);
}
