/**
 * A failure that a person can mend. It is printed as one line, `ahadi: <message> (<hint>)`, never with a stack.
 *
 * `code` is stable and meant for programs, `message` names the setting or field that is wrong, `hint` says what would be right.
 */
export class AhadiError extends Error {
  override readonly name = "AhadiError";
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** What is known of any thrown value, in one line and without a stack. Codes of foreign errors become `unexpected`. */
export function describeError(error: unknown): { code: string; message: string; hint?: string } {
  if (error instanceof AhadiError) {
    const described = { code: error.code, message: oneLine(error.message) };
    return error.hint === undefined ? described : { ...described, hint: oneLine(error.hint) };
  }
  return { code: "unexpected", message: foreignMessage(error) };
}

/** viem keeps the readable part in `shortMessage`; an AggregateError (two refused addresses) has an empty message. */
function foreignMessage(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(String(error));
  if ("shortMessage" in error && typeof error.shortMessage === "string") return oneLine(error.shortMessage);
  if (error.message !== "") return oneLine(error.message);
  if (error instanceof AggregateError && error.errors.length > 0) return foreignMessage(error.errors[0]);
  return error.name;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").trim();
}
