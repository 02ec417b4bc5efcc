import { expect } from "chai";
import { as, goToDay, networkHelpers } from "../contracts/support/chain.ts";
import { repay, rows } from "../contracts/support/loans.ts";
import { booksOf, draftFromPool, fund } from "../contracts/support/pool.ts";
import { fundedInstitution, load, UTC_OFFSET } from "../contracts/support/world.ts";

/** Teller 2023 (080-M): on tiny principals paid often, interest rounded to zero. That is a microloan. */
describe("22 The smallest interest is earned whole", () => {
  it("of a loan of a cent that costs a unit of the token, paid unit by unit", async () => {
    const world = await load(fundedInstitution);
    const { pool, book } = world;
    const { firstDay } = await draftFromPool(world);
    const schedule = rows([firstDay, firstDay + 1, firstDay + 2], 3_000n, 1n, 0n);
    const { loanId } = await fund(world, { schedule, unit: 1n, penaltyRateBps: 0, waterfall: "0x03020100" });
    await goToDay(firstDay, UTC_OFFSET);
    for (let i = 0; i < 8; ++i) await repay(world, loanId, 375n);
    await repay(world, loanId, 10_000n);
    // Paid off on the first due day: the other two periods have not begun, and cost nothing.
    const { paid, waivedInterest } = await book.loanOf(loanId);
    expect([paid.interest, waivedInterest]).to.deep.equal([1n, 2n]);
    const { interestReceived, fees } = await booksOf(pool);
    expect([interestReceived, fees]).to.deep.equal([1n, 0n]);
    await networkHelpers.time.increase(20 * 86_400);
    expect(await pool.recognised()).to.equal(interestReceived);
  });

  it("a thousand units of interest over many loans come to a thousand, to the unit", async () => {
    const world = await load(fundedInstitution);
    const { pool } = world;
    const { firstDay } = await draftFromPool(world);
    const loans: string[] = [];
    for (let i = 1; i <= 12; ++i) {
      const schedule = rows([firstDay, firstDay + i], BigInt(1_000 * i), BigInt(i), 0n);
      loans.push((await fund(world, { schedule, unit: 1n, earlySettlement: 0, penaltyRateBps: 0 })).loanId);
    }
    await goToDay(firstDay, UTC_OFFSET);
    for (const loanId of loans) await as(world.people.borrower, world.book).repay(loanId, 10n ** 9n);
    await networkHelpers.time.increase(60 * 86_400);
    const { interestReceived, fees } = await booksOf(pool);
    // Sum of 2 i; a tenth of it is the institution's where that is a whole unit.
    expect(interestReceived + fees).to.equal(156n);
    expect(fees).to.equal(
      [...Array(12).keys()].reduce((sum, i) => sum + BigInt(Math.floor((2 * (i + 1)) / 10)), 0n),
    );
    expect(await pool.recognised()).to.equal(interestReceived);
  });
});
