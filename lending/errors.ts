/**
 * What can be wrong with an input of this room. Stable: callers, the command line and the API switch on it.
 * - `invalid`: not of the stated form (a word that is no number, an unknown or missing field).
 * - `out_of_range`: well formed, but beyond a limit of `limits.ts`.
 * - `unsupported`: means something, but this engine does not compute it and will not guess.
 * - `impossible`: each field is fine alone, together they make no schedule (an instalment below its interest).
 * - `mismatch`: two statements of the same thing differ (signed total and rows, terms and agreement).
 */
export type LendingErrorCode = "invalid" | "out_of_range" | "unsupported" | "impossible" | "mismatch";

/**
 * An input that cannot be used. `path` names the field as the caller wrote it (`params.nInstalments`,
 * `schedule[3].day`), `message` says on one line what would be right; the message begins with the path.
 */
export class LendingError extends Error {
  override readonly name = "LendingError";
  readonly code: LendingErrorCode;
  readonly path: string;
  /** The message without the path. */
  readonly problem: string;

  constructor(code: LendingErrorCode, path: string, problem: string) {
    super(path === "" ? problem : `${path}: ${problem}`);
    this.code = code;
    this.path = path;
    this.problem = problem;
  }
}

/** Runs `work`, naming fields of its LendingErrors as the caller's input does. */
export function withPaths<T>(rename: (path: string) => string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LendingError)) throw error;
    throw new LendingError(error.code, rename(error.path), error.problem);
  }
}
