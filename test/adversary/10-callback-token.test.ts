import { expect } from "chai";
import { roles } from "../../scripts/deploy/module.ts";
import { as, deployHelper, type Helper, networkHelpers } from "../contracts/support/chain.ts";
import { repay } from "../contracts/support/loans.ts";
import { lendFromPool, type OddWorld, oddInstitution } from "../contracts/support/odd.ts";
import { booksOf, draftFromPool, fund, SHARES, THOUSAND } from "../contracts/support/pool.ts";
import { govern, UNIT } from "../contracts/support/world.ts";

type Reentrant = Helper<"prepare" | "called" | "succeeded" | "answer">;

interface CallbackWorld extends OddWorld {
  listener: Reentrant;
  loanId: string;
}

/** Fixture: a pool with a loan, in a token that calls somebody before each of its moves. */
async function withCallback(): Promise<CallbackWorld> {
  const world = await oddInstitution();
  const listener: Reentrant = await deployHelper("Reentrant");
  // So that no right is missing for any of the entries.
  await govern(world, world.manager, "grantRole", [roles.supervisor, await listener.getAddress(), 0]);
  const loanId = await lendFromPool(world);
  const me = world.people.depositor.address;
  await as(world.people.depositor, world.oddPool).requestRedeem(THOUSAND * SHARES, me, me);
  await world.oddPool.fulfilRedemptions(1);
  await world.token.setListener(await listener.getAddress());
  return { ...world, listener, loanId };
}

/** Calls in which tokens move. */
const MOVES: Record<string, (world: CallbackWorld) => Promise<unknown>> = {
  deposit: ({ oddPool, people }) => as(people.depositor, oddPool).deposit(THOUSAND, people.depositor.address),
  claim: ({ oddPool, people: { depositor } }) =>
    as(depositor, oddPool).withdraw(THOUSAND, depositor.address, depositor.address),
  redeemNow: ({ oddPool, people: { depositor } }) =>
    as(depositor, oddPool).redeemNow(SHARES * THOUSAND, depositor.address, 0n),
  depositCover: ({ oddPool, people }) => as(people.supervisor, oddPool).depositCover(THOUSAND),
  originate: async (world) =>
    await fund(
      world,
      { currency: (await world.token.getAddress()) as `0x${string}` },
      { pool: world.oddPool },
    ),
};

/** Cantina, Maple (3.2.1): a token's callback between the cash and the books let both be counted. */
describe("10 A token that calls back while it moves", () => {
  for (const [name, move] of Object.entries(MOVES)) {
    it(`sees the price of before in the middle of ${name}`, async () => {
      const world = (await networkHelpers.loadFixture(withCallback)) as CallbackWorld;
      const { oddPool: pool, listener } = world;
      await draftFromPool(world);
      const data = pool.interface.encodeFunctionData("convertToAssets", [10n ** 30n]);
      await listener.prepare(await pool.getAddress(), data);
      const before: bigint = await pool.convertToAssets(10n ** 30n);
      await move(world);
      expect(await listener.succeeded()).to.equal(true);
      const [seen] = pool.interface.decodeFunctionResult("convertToAssets", await listener.answer());
      // Seconds pass, and rounding stays with those who stay: never less, never more than a few seconds earn.
      expect(seen >= before && seen - before < before / 1_000_000n, `${before} -> ${seen}`).to.equal(true);
    });

    it(`gets no second entry into the pool in the middle of ${name}`, async () => {
      const world = (await networkHelpers.loadFixture(withCallback)) as CallbackWorld;
      const { oddPool: pool, listener, people } = world;
      const me = people.depositor.address;
      for (const [entry, args] of [
        ["deposit", [1n, me]],
        ["redeemNow", [1n, me, 0n]],
        ["requestRedeem", [1n, me, me]],
        ["fulfilRedemptions", [1n]],
        ["redeem", [0n, me, me]],
        ["withdraw", [0n, me, me]],
        ["depositCover", [1n]],
        ["writeOff", [world.loanId]],
        ["buyNote", [world.loanId, 0n, 0n]],
        ["collectHeldCash", []],
        ["cancelIneligible", [world.loanId]],
      ] as const) {
        const snapshot = await networkHelpers.takeSnapshot();
        const data = pool.interface.encodeFunctionData(entry, [...args] as never);
        await listener.prepare(await pool.getAddress(), data);
        await move(world);
        expect(await listener.called()).to.equal(true);
        const error = pool.interface.parseError(await listener.answer());
        expect(error?.name, `${entry} in ${name}`).to.equal("ReentrancyGuardReentrantCall");
        await snapshot.restore();
      }
    });
  }

  it("in the middle of a repayment finds the money counted nowhere or once", async () => {
    const world = (await networkHelpers.loadFixture(withCallback)) as CallbackWorld;
    const { oddPool: pool, listener, loanId } = world;
    const before = await booksOf(pool);
    const data = pool.interface.encodeFunctionData("totalAssets");
    await listener.prepare(await pool.getAddress(), data);
    const assets: bigint = await pool.totalAssets();
    await repay(world, loanId, 11_100n);
    const [seen] = pool.interface.decodeFunctionResult("totalAssets", await listener.answer());
    expect(seen >= assets && seen - assets < 100n).to.equal(true);
    expect((await booksOf(pool)).cash - before.cash).to.equal(10_000n * UNIT + 900n * UNIT);
  });
});
