import { expect } from "chai";
import type { Agreement } from "../../lending/agreement.ts";
import { networkHelpers } from "../contracts/support/chain.ts";
import { draft, originate, sign } from "../contracts/support/loans.ts";
import { institution } from "../contracts/support/world.ts";

/** Teller 2023 (007-M, 010-M, 013-M, 086-M): fees and parameters changed between signing and acceptance; expiry 0 was never. */
describe("18 Nothing moves between the signature and the loan", () => {
  it("whatever single term is changed after the signatures, there is no consent", async () => {
    const world = await networkHelpers.loadFixture(institution);
    const { book, people } = world;
    const agreement = await draft(world);
    const borrowerSignature = await sign(world, "borrower", agreement, people.borrower);
    const lenderSignature = await sign(world, "lender", agreement, people.lender);
    const changes: Partial<Agreement>[] = [
      { upfrontFee: 1n },
      { penaltyRateBps: agreement.penaltyRateBps + 1 },
      { penaltyCap: agreement.penaltyCap + 1n },
      { penaltyGraceDays: agreement.penaltyGraceDays - 1 },
      { waterfall: "0x03020100" },
      { earlySettlement: 0 },
      { reversalDays: agreement.reversalDays + 1 },
      { coolingOffDays: 1 },
      { disburseUntilDay: agreement.disburseUntilDay + 1 },
      { documentHash: `0x${"ee".repeat(32)}` },
      { language: "en" },
      { expiry: agreement.expiry + 1n },
      { salt: `0x${"01".repeat(32)}` },
      { payee: people.stranger.address as `0x${string}` },
      {
        schedule: agreement.schedule.map((row, index) =>
          index === 0 ? { ...row, interest: row.interest + 1n } : row,
        ),
        totalRepayable: agreement.totalRepayable + 1n,
      },
    ];
    for (const change of changes) {
      await expect(
        originate(world, { ...agreement, ...change }, { borrowerSignature, lenderSignature }),
        Object.keys(change)[0],
      )
        .to.be.revertedWithCustomError(book, "LoanBookConsentMissing")
        .withArgs(people.borrower.address, 1);
    }
    await originate(world, agreement, { borrowerSignature, lenderSignature });
  });

  it("expiry 0 is over, not never", async () => {
    const world = await networkHelpers.loadFixture(institution);
    await expect(originate(world, await draft(world, { expiry: 0n }))).to.be.revertedWithCustomError(
      world.book,
      "LoanBookExpired",
    );
  });
});
