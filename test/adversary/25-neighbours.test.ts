import { expect } from "chai";
import { as, goToDay, networkHelpers } from "../contracts/support/chain.ts";
import { draft, repay, sign } from "../contracts/support/loans.ts";
import { fund } from "../contracts/support/pool.ts";
import { fundedInstitution, govern, limits, UTC_OFFSET } from "../contracts/support/world.ts";

type Hex = `0x${string}`;

/**
 * What the code of our nearest neighbours allows. SaveTogether: approvals by borrower that are never used up, a default that cannot
 * be marked, exposure freed twice. impactMarket: the owner rewrites a debt alone. Perimeter: the terms are a link that can change.
 */
describe("25 What our neighbours' code allows does not happen here", () => {
  it("an approval is for one loan, and is used up by it", async () => {
    const world = await networkHelpers.loadFixture(fundedInstitution);
    const { people, pool, book } = world;
    const { loanId } = await fund(world);
    expect([...(await pool.approvalsOf(loanId))]).to.deep.equal([]);
    const another = await draft(world, { lender: (await pool.getAddress()) as Hex });
    const id = await book.loanIdOf(another);
    await expect(
      as(people.underwriter, pool).originate(
        another,
        await sign(world, "borrower", another, people.borrower),
      ),
    )
      .to.be.revertedWithCustomError(pool, "LendingPoolApprovalMissing")
      .withArgs(id, 0, 1);
  });

  it("nobody edits a debt: what the governor decides leaves running loans as they are", async () => {
    const world = await networkHelpers.loadFixture(fundedInstitution);
    const { pool, book, dollar } = world;
    const { loanId } = await fund(world);
    const [loan, schedule] = [await book.loanOf(loanId), await book.scheduleOf(loanId)];
    await govern(world, pool, "setLimits", [{ ...limits, maxCostBps: 1n, maxPrincipal: 1n }]);
    await govern(world, book, "setCurrency", [await dollar.getAddress(), false]);
    expect([await book.loanOf(loanId), await book.scheduleOf(loanId)]).to.deep.equal([loan, schedule]);
    expect((await repay(world, loanId, 2n ** 60n)).closed).to.equal(true);
  });

  it("a default can be marked with no cover at all, by anybody once it is old enough", async () => {
    const world = await networkHelpers.loadFixture(fundedInstitution);
    const { people, pool } = world;
    const { loanId, agreement } = await fund(world);
    expect((await pool.books()).cover).to.equal(0n);
    await goToDay(agreement.firstDay + 181, UTC_OFFSET);
    await as(people.stranger, pool).writeOff(loanId);
    expect((await pool.books()).outstanding).to.equal(0n);
  });

  it("exposure is freed once, by the end of the loan", async () => {
    const world = await networkHelpers.loadFixture(fundedInstitution);
    const { people, pool, book } = world;
    const [first, second] = [await fund(world), await fund(world)];
    const both = await pool.exposureOf(people.borrower.address);
    await repay(world, first.loanId, 2n ** 60n);
    await expect(repay(world, first.loanId, 1n)).to.be.revertedWithCustomError(book, "LoanBookWrongState");
    expect(await pool.exposureOf(people.borrower.address)).to.equal(both / 2n);
    await repay(world, second.loanId, 2n ** 60n);
    expect(await pool.exposureOf(people.borrower.address)).to.equal(0n);
  });

  it("the terms are bound by their hash: another document is another loan", async () => {
    const world = await networkHelpers.loadFixture(fundedInstitution);
    const agreement = await draft(world);
    const other = { ...agreement, documentHash: `0x${"ff".repeat(32)}` as Hex };
    expect(await world.book.loanIdOf(other)).to.not.equal(await world.book.loanIdOf(agreement));
  });
});
