/** An element of a picture. */
export interface Element {
  name: string;
  attributes: Record<string, string>;
  /** The text directly inside it. */
  text: string;
  children: Element[];
}

const NAME = "[A-Za-z][A-Za-z0-9-]*";
const ATTRIBUTE = new RegExp(`^\\s+(${NAME})='([^'<]*)'`);
const OPEN = new RegExp(`^<(${NAME})`);
const CLOSE = new RegExp(`^</(${NAME})>`);
const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">" };

/** Characters that XML 1.0 does not allow. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

/**
 * Reads the little of XML that a picture on-chain needs: elements, attributes in single quotes, text, three entities.
 * Stricter than XML, so whatever it reads is well-formed. Throws at the first thing that it does not know: a comment, an
 * instruction, a declaration, another entity, a bare "&", a tag that is not closed, an attribute given twice.
 */
export function parseWellFormed(xml: string): Element {
  if (FORBIDDEN.test(xml)) throw new Error("a character that XML does not allow");
  const top: Element = { name: "", attributes: {}, text: "", children: [] };
  const open = [top];
  let rest = xml;
  while (rest !== "") {
    const here = open.at(-1) ?? top;
    const [token, closes] = readToken(rest, here);
    rest = rest.slice(token.length);
    if (closes) open.pop();
    else if (token.startsWith("<") && !token.endsWith("/>")) open.push(here.children.at(-1) ?? top);
  }
  const [root] = top.children;
  if (open.length !== 1) throw new Error(`<${open.at(-1)?.name}> is not closed`);
  if (root === undefined || top.children.length !== 1 || top.text !== "") throw new Error("not one element");
  return root;
}

/** Every element below and including `element`. */
export function allElements(element: Element): Element[] {
  return [element, ...element.children.flatMap(allElements)];
}

/** The next tag or stretch of text, put into `here`; and whether it closes `here`. */
function readToken(rest: string, here: Element): [token: string, closes: boolean] {
  const closing = CLOSE.exec(rest);
  if (closing !== null) {
    if (closing[1] !== here.name) throw new Error(`</${closing[1]}> closes <${here.name}>`);
    return [closing[0], true];
  }
  if (rest.startsWith("<")) return [readTag(rest, here), false];
  const text = /^[^<]+/.exec(rest)?.[0] ?? "";
  if (text.includes("]]>")) throw new Error("the end of a CDATA section without its beginning");
  here.text += unescaped(text);
  return [text, false];
}

function readTag(rest: string, parent: Element): string {
  const opening = OPEN.exec(rest);
  if (opening === null) throw new Error(`no tag at ${rest.slice(0, 20)}`);
  const element: Element = { name: opening[1] ?? "", attributes: {}, text: "", children: [] };
  let length = opening[0].length;
  for (;;) {
    const attribute = ATTRIBUTE.exec(rest.slice(length));
    if (attribute === null) break;
    const [all, name = "", value = ""] = attribute;
    if (name in element.attributes) throw new Error(`${name} is given twice`);
    element.attributes[name] = unescaped(value);
    length += all.length;
  }
  const end = /^\s*\/?>/.exec(rest.slice(length))?.[0];
  if (end === undefined)
    throw new Error(`<${element.name}> does not end at ${rest.slice(length, length + 20)}`);
  parent.children.push(element);
  return rest.slice(0, length + end.length);
}

function unescaped(text: string): string {
  return text.replace(/&([^;]*;)?/g, (_, name: string | undefined) => {
    const character = ENTITIES[name?.slice(0, -1) ?? ""];
    if (character === undefined) throw new Error(`the entity &${name ?? ""}`);
    return character;
  });
}
