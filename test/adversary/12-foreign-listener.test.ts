import { expect } from "chai";
import { as, networkHelpers } from "../contracts/support/chain.ts";
import { components, draft, lend, originate, repay, sign } from "../contracts/support/loans.ts";
import { booksOf, fund } from "../contracts/support/pool.ts";
import { fundedInstitution, UNIT } from "../contracts/support/world.ts";

type Hex = `0x${string}`;

const ROW = 11_100n;

/**
 * Teller 2024 (012-H): a foreign loan named a pool as its repayment listener and broke its books. (034-H): a payer gave so little gas
 * that the listener's call failed inside a try/catch, and the payment stood without it.
 */
describe("12 A pool hears of its own loans, of every payment, and of nothing else", () => {
  it("nobody names it as the lender of a loan that it did not make", async () => {
    const world = await networkHelpers.loadFixture(fundedInstitution);
    const { people, pool, book } = world;
    const agreement = await draft(world, { lender: (await pool.getAddress()) as Hex });
    for (const signer of [people.borrower, people.underwriter, people.governor]) {
      const lenderSignature = await sign(world, "lender", agreement, signer);
      await expect(originate(world, agreement, { lenderSignature }))
        .to.be.revertedWithCustomError(book, "LoanBookConsentMissing")
        .withArgs(await pool.getAddress(), 2);
    }
  });

  it("a note that somebody gives to it counts nothing, and is repaid to its end all the same", async () => {
    const world = await networkHelpers.loadFixture(fundedInstitution);
    const { people, pool, book } = world;
    const { loanId } = await lend(world);
    await as(people.lender, book).transferFrom(
      people.lender.address,
      await pool.getAddress(),
      BigInt(loanId),
    );
    const before = await booksOf(pool);
    const assets = await pool.totalAssets();
    await repay(world, loanId, ROW);
    expect((await repay(world, loanId, 2n ** 60n)).closed).to.equal(true);
    expect([await booksOf(pool), await pool.totalAssets()]).to.deep.equal([before, assets]);
  });

  it("however little gas a payer gives: the loan and the pool book a payment, or neither does", async () => {
    const world = await networkHelpers.loadFixture(fundedInstitution);
    const { people, pool, book } = world;
    const { loanId } = await fund(world);
    const { outstanding } = await booksOf(pool);
    let failed = 0;
    for (let gasLimit = 60_000n; gasLimit < 320_000n; gasLimit += 6_500n) {
      const sheet = [{ loanId, amount: 7n }];
      for (const call of [
        () => as(people.borrower, book).repay(loanId, 7n, { gasLimit }),
        () => as(people.borrower, book).repayMany(sheet, { gasLimit }),
      ]) {
        await call().catch(() => {
          failed += 1;
        });
        const paid = components((await book.loanOf(loanId)).paid);
        const books = await booksOf(pool);
        expect(books.outstanding, String(gasLimit)).to.equal(outstanding - paid.principal * UNIT);
        expect(books.interestReceived + books.fees, String(gasLimit)).to.equal(
          (paid.interest + paid.fee) * UNIT,
        );
      }
    }
    expect(failed).to.be.greaterThan(10);
    expect((await book.loanOf(loanId)).payments).to.be.greaterThan(10n);
  });
});
