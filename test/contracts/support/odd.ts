import type { Agreement } from "../../../lending/agreement.ts";
import { as, deployHelper, type Helper } from "./chain.ts";
import { draft, originate } from "./loans.ts";
import { fund, newPool } from "./pool.ts";
import { govern, institution, type LendingPool, UNIT, type World } from "./world.ts";

type Hex = `0x${string}`;

export type OddToken = Helper<
  "mint" | "approve" | "balanceOf" | "setBlocked" | "setFeeBps" | "setListener" | "transfer"
>;

/** The institution with a second currency, whose habits a test sets, and a registered pool in it. */
export interface OddWorld extends World {
  token: OddToken;
  oddPool: LendingPool;
}

/** Fixture. Borrower, lender, stranger, depositor and supervisor own the odd currency; the pool in it is funded with 1,000,000.00. */
export async function oddInstitution(): Promise<OddWorld> {
  const world = await institution();
  const token: OddToken = await deployHelper("OddToken", [6]);
  await govern(world, world.book, "setCurrency", [await token.getAddress(), true]);
  const oddPool = await newPool(world, {}, token);
  const payers = { borrower: world.book, lender: world.book, stranger: world.book };
  const spenders = { ...payers, depositor: oddPool, supervisor: oddPool };
  for (const [person, spender] of Object.entries(spenders)) {
    const signer = world.people[person as keyof typeof spenders];
    await token.mint(signer.address, 10n ** 24n);
    await as(signer, token).approve(await spender.getAddress(), 10n ** 24n);
  }
  await as(world.people.depositor, oddPool).deposit(100_000_000n * UNIT, world.people.depositor.address);
  return { ...world, token, oddPool };
}

/** A loan in the odd currency by the lender. */
export async function lendOdd(world: OddWorld, changes: Partial<Agreement> = {}): Promise<string> {
  const agreement = await draft(world, { currency: (await world.token.getAddress()) as Hex, ...changes });
  await originate(world, agreement);
  return await world.book.loanIdOf(agreement);
}

/** A loan in the odd currency by its pool. */
export async function lendFromPool(world: OddWorld, changes: Partial<Agreement> = {}): Promise<string> {
  const currency = (await world.token.getAddress()) as Hex;
  const { loanId } = await fund(world, { currency, ...changes }, { pool: world.oddPool });
  return loanId;
}
