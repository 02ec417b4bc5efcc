import { expect } from "chai";
import { as, ethers } from "../contracts/support/chain.ts";
import { fund, SHARES } from "../contracts/support/pool.ts";
import { fundedInstitution, load, UNIT } from "../contracts/support/world.ts";

/** Teller 2024 (013-M): a borrower deposited for a moment, paid her interest, and left with half of it. */
describe("04 A borrower who is a lender for a moment gets nothing of her own interest back", () => {
  it("deposit, payoff and redemption in one block cost her the whole payoff", async () => {
    const world = await load(fundedInstitution);
    const { pool, people, dollar, book } = world;
    const { borrower } = people;
    // All interest is owed however early she pays, and a penalty with it.
    const { loanId } = await fund(world, { earlySettlement: 0 });
    await as(borrower, dollar).approve(await pool.getAddress(), 10n ** 30n);
    const deposit = 10n ** 12n * 9n;
    const before: bigint = await dollar.balanceOf(borrower.address);
    const supply: bigint = await pool.totalSupply();

    await ethers.provider.send("evm_setAutomine", [false]);
    const gasLimit = 3_000_000n;
    await as(borrower, pool).deposit(deposit, borrower.address, { gasLimit });
    await as(borrower, book).repay(loanId, 40_000n, { gasLimit });
    const shares = (deposit * (supply + SHARES)) / ((await pool.totalAssets()) + 1n);
    await as(borrower, pool).redeemNow((shares * 999_999n) / 1_000_000n, borrower.address, 0n, { gasLimit });
    await ethers.provider.send("evm_mine", []);
    await ethers.provider.send("evm_setAutomine", [true]);

    expect((await book.loanOf(loanId)).state).to.equal(2n);
    const left: bigint = await pool.convertToAssets(await pool.balanceOf(borrower.address));
    const after: bigint = (await dollar.balanceOf(borrower.address)) + left;
    const paid = (30_000n + 3_000n + 300n) * UNIT;
    expect(before - after >= paid).to.equal(true);
    expect(before - after - paid < 10n).to.equal(true);
  });
});
