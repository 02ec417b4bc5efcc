import { expect } from "chai";
import { LendingError, type LendingErrorCode } from "../../lending/errors.ts";

/** Runs `work` and expects a LendingError with this code that names this field, also in its one-line message. */
export function expectLendingError(work: () => unknown, code: LendingErrorCode, path: string): void {
  let thrown: unknown;
  try {
    work();
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof LendingError))
    throw new Error(`expected a LendingError for ${path}, got ${String(thrown)}`);
  expect({ code: thrown.code, path: thrown.path }).to.deep.equal({ code, path });
  expect(thrown.message.startsWith(path), thrown.message).to.equal(true);
  expect(thrown.message).to.not.include("\n");
}
