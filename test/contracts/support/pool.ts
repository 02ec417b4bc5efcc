import type { Result } from "ethers";
import type { Agreement } from "../../../lending/agreement.ts";
import { roles } from "../../../scripts/deploy/module.ts";
import { as, networkHelpers, type Signer } from "./chain.ts";
import { draft, sign } from "./loans.ts";
import type { Books } from "./pool-model.ts";
import { deployPool, govern, type LendingPool, limits, type poolRules, UNIT, type World } from "./world.ts";

type Hex = `0x${string}`;

/** 1,000.00 in base units. */
export const THOUSAND = 100_000n * UNIT;

/** Shares in a base unit at the first price: shares carry six more decimals than the asset. */
export const SHARES = 10n ** 6n;

/** One more pool of the institution, by `changes` of the usual rules and limits: registered, with the usual roles. */
export async function newPool(
  world: World,
  changes: Partial<typeof poolRules> = {},
  asset: { getAddress(): Promise<string> } = world.dollar,
  limitChanges: Partial<typeof limits> = {},
): Promise<LendingPool> {
  const pool = await deployPool({ ...world, dollar: asset }, changes);
  const address = await pool.getAddress();
  const allow = async (role: bigint, names: string[]) => {
    const selectors = names.map((name) => pool.getFunction(name).fragment.selector);
    await govern(world, world.manager, "setTargetFunctionRole", [address, selectors, role]);
  };
  await allow(roles.underwriter, ["originate", "approveLoan", "restructure"]);
  await allow(roles.supervisor, ["writeOff", "sellNote", "depositCover"]);
  await allow(roles.guardian, ["pause"]);
  await govern(world, world.book, "registerPool", [address]);
  await govern(world, pool, "setLimits", [{ ...limits, ...limitChanges }]);
  return pool;
}

/** Who acts in place of the usual ones. */
export interface FundingOptions {
  pool?: LendingPool;
  borrower?: Signer;
  /** Who originates, and who agree to it beforehand. */
  maker?: Signer;
  approvers?: Signer[];
  /** When the loan is made; at once if it is left out. */
  second?: number;
}

/** The usual agreement with the pool as the lender, by `changes`. */
export async function draftFromPool(
  world: World,
  changes: Partial<Agreement> = {},
  { pool = world.pool, borrower = world.people.borrower }: FundingOptions = {},
): Promise<Agreement> {
  const lender = (await pool.getAddress()) as Hex;
  return await draft(world, { lender, borrower: borrower.address as Hex, ...changes });
}

/** Originates `agreement` as it stands: signed by its borrower, approved, called by the underwriter. */
export async function fundAgreement(world: World, agreement: Agreement, options: FundingOptions = {}) {
  const { people, book } = world;
  const { pool = world.pool, borrower = people.borrower, maker = people.underwriter } = options;
  const loanId = await book.loanIdOf(agreement);
  for (const approver of options.approvers ?? [people.approver]) await as(approver, pool).approveLoan(loanId);
  const signature = await sign(world, "borrower", agreement, borrower);
  if (options.second !== undefined) await networkHelpers.time.setNextBlockTimestamp(options.second);
  return await as(maker, pool).originate(agreement, signature);
}

/** A loan of the pool, by `changes` of the usual agreement. */
export async function fund(world: World, changes: Partial<Agreement> = {}, options: FundingOptions = {}) {
  const agreement = await draftFromPool(world, changes, options);
  const transaction = await fundAgreement(world, agreement, options);
  return { agreement, loanId: (await world.book.loanIdOf(agreement)) as Hex, transaction };
}

/** The pool's books as figures by name. */
export async function booksOf(pool: LendingPool): Promise<Books> {
  return ((await pool.books()) as Result).toObject() as Books;
}
