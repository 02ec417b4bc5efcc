import type { ContractTransactionResponse } from "ethers";
import type { Restructuring } from "../../../lending/restructuring.ts";
import { as, type Signer } from "./chain.ts";
import { draftRestructuring, signRestructuring } from "./restructuring.ts";
import type { LendingPool, World } from "./world.ts";

/** Who acts in place of the usual ones. */
export interface RestructuringOptions {
  pool?: LendingPool;
  maker?: Signer;
  approvers?: Signer[];
}

/** The pool gives a loan a new table on `days`, by `changes`: signed by the borrower, with two approvals. */
export async function restructureForPool(
  world: World,
  loanId: string,
  days: number[],
  changes: Partial<Restructuring> = {},
  { pool = world.pool, maker = world.people.underwriter, approvers }: RestructuringOptions = {},
): Promise<ContractTransactionResponse> {
  const { people, book } = world;
  const restructuring = await draftRestructuring(world, loanId, days, changes);
  const digest = await book.restructuringDigest(2, restructuring);
  for (const approver of approvers ?? [people.approver, people.secondApprover]) {
    await as(approver, pool).approveLoan(digest);
  }
  const signature = await signRestructuring(world, "borrower", restructuring, people.borrower);
  return await as(maker, pool).restructure(restructuring, signature);
}
