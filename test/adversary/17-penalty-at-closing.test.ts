import { expect } from "chai";
import { goToDay, networkHelpers } from "../contracts/support/chain.ts";
import { components, lend, repay } from "../contracts/support/loans.ts";
import { institution, UTC_OFFSET } from "../contracts/support/world.ts";

/** Wildcat 2023 (H-01): closing skipped the penalty that was still owed. Wildcat 2024 (M-02): a rate was cut under locked lenders. */
describe("17 Closing a loan skips nothing that is owed", () => {
  it("a payoff contains the whole penalty of its day, and nothing less closes", async () => {
    const world = await networkHelpers.loadFixture(institution);
    const { book } = world;
    const { loanId, agreement } = await lend(world);
    const day = agreement.lastDay + 40;
    await goToDay(day, UTC_OFFSET);
    const payoff = components(await book.payoff(loanId, day));
    expect(payoff.penalty > 0n).to.equal(true);
    const total = payoff.penalty + payoff.fee + payoff.interest + payoff.principal;
    expect((await repay(world, loanId, total - 1n)).closed).to.equal(false);
    const last = await repay(world, loanId, 2n ** 60n);
    expect([last.closed, last.totals]).to.deep.equal([true, payoff]);
  });

  it("paying instalment by instalment ends with the penalty of each day, never below it", async () => {
    const world = await networkHelpers.loadFixture(institution);
    const { book } = world;
    const { loanId, agreement } = await lend(world);
    let penalties = 0n;
    for (let late = 20; late <= 60; late += 10) {
      const day = agreement.lastDay + late;
      await goToDay(day, UTC_OFFSET);
      penalties += (await book.due(loanId, day)).penalty;
      await repay(world, loanId, 5_000n);
    }
    expect((await repay(world, loanId, 2n ** 60n)).totals.penalty).to.equal(penalties);
  });

  it("no function of book or pool names a rate of a running loan", async () => {
    const { book, pool } = await networkHelpers.loadFixture(institution);
    const names = [book, pool].flatMap(({ interface: abi }) =>
      abi.fragments.flatMap((fragment) =>
        fragment.type === "function" && !("constant" in fragment && fragment.constant)
          ? [String(fragment.format("minimal"))]
          : [],
      ),
    );
    expect(
      names.filter((name) => /rate|penalty|interest|fee\b/i.test(name.replace("collectFees", ""))),
    ).to.deep.equal([]);
  });
});
