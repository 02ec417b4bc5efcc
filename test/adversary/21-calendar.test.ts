import { expect } from "chai";
import { ethers, goToDay, networkHelpers } from "../contracts/support/chain.ts";
import { draft, lend, originate, repay, rows } from "../contracts/support/loans.ts";
import { institution, UTC_OFFSET } from "../contracts/support/world.ts";

const { time } = networkHelpers;
/** Day number of a civil date. */
const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;

/**
 * Huma 5.1.2 (a half-year roll-over), Teller 2023 (068-M, month ends), TOB-MPL-2 (`uint48` guarded by `uint32.max`), 0xMacro M-2
 * (silent truncation). Here a schedule is data: any dates that a calendar makes are enforced as they were signed.
 */
describe("21 The calendar has no corners", () => {
  it("month ends, leap days and half-years fall due on exactly the days that were signed", async () => {
    const world = await networkHelpers.loadFixture(institution);
    const dates = [
      "2023-01-31",
      "2023-02-28",
      "2023-06-30",
      "2023-07-01",
      "2023-12-31",
      "2024-02-29",
      "2024-03-31",
    ];
    const { loanId } = await lend(world, { schedule: rows(dates.map(dayOf)) });
    for (const date of dates) {
      const day = dayOf(date);
      // The last second of the due day is on time, the next one is a day late.
      const end = (day + 1) * 86_400 - UTC_OFFSET;
      await time.increaseTo(end - 1);
      expect(await world.book.daysPastDue(loanId), date).to.equal(0n);
      await networkHelpers.time.increaseTo(end);
      expect(await world.book.daysPastDue(loanId), date).to.equal(1n);
      const { penalty } = await world.book.due(loanId, day + 1);
      await repay(world, loanId, 11_100n + penalty);
    }
    expect((await world.book.loanOf(loanId)).state).to.equal(2n);
  });

  it("days and amounts at the edges of their types are refused or kept, never cut off", async () => {
    const world = await networkHelpers.loadFixture(institution);
    const agreement = await draft(world);
    const last = 2 ** 32 - 1;
    const far = {
      ...agreement,
      schedule: [...rows([agreement.firstDay]), ...rows([last])],
      count: 2,
      lastDay: last,
    };
    await expect(originate(world, far))
      .to.be.revertedWithCustomError(world.book, "LoanBookTermsOutOfBounds")
      .withArgs("lastDay", last, 65_743);
    const most = 2n ** 64n - 1n;
    const overflowing = {
      ...agreement,
      schedule: agreement.schedule.map((row) => ({ ...row, principal: most })),
      principal: most * 3n - 2n ** 65n,
    };
    await expect(originate(world, overflowing))
      .to.be.revertedWithCustomError(world.book, "LoanBookScheduleTotal")
      .withArgs("principal", most * 3n, most * 3n - 2n ** 65n);
    expect(() => world.book.interface.encodeFunctionData("repay", [ethers.ZeroHash, 2n ** 64n])).to.throw(
      /out-of-bounds/,
    );
  });

  it("the far end of the calendar is a day like any other", async () => {
    const world = await networkHelpers.loadFixture(institution);
    const { loanId } = await lend(world, { schedule: rows([dayOf("2149-12-30"), dayOf("2149-12-31")]) });
    await goToDay(dayOf("2149-12-31") + 400, UTC_OFFSET);
    expect(await world.book.daysPastDue(loanId)).to.equal(401n);
    expect((await repay(world, loanId, 2n ** 60n)).closed).to.equal(true);
  });
});
