import { expect } from "chai";
import { as, networkHelpers } from "../contracts/support/chain.ts";
import { lend } from "../contracts/support/loans.ts";
import { fundedInstitution } from "../contracts/support/world.ts";

/** Huma 5.1.1: `transfer` was blocked, `transferFrom` open. Wildcat 2023 (H-05): a share's transfer escaped a block-list. */
describe("13 What one way of transferring refuses, every way refuses", () => {
  it("a note does not enter the book by any of the three", async () => {
    const { book, people, ...world } = await networkHelpers.loadFixture(fundedInstitution);
    const { loanId } = await lend({ book, people, ...world });
    const lender = as(people.lender, book);
    const here = await book.getAddress();
    for (const signature of [
      "transferFrom(address,address,uint256)",
      "safeTransferFrom(address,address,uint256)",
      "safeTransferFrom(address,address,uint256,bytes)",
    ]) {
      const args = [
        people.lender.address,
        here,
        BigInt(loanId),
        ...(signature.endsWith("bytes)") ? ["0x"] : []),
      ];
      await expect(lender.getFunction(signature).send(...args))
        .to.be.revertedWithCustomError(book, "ERC721InvalidReceiver")
        .withArgs(here);
    }
  });

  it("shares do not enter the pool but by a request, neither by transfer nor by transferFrom nor by deposit", async () => {
    const { pool, people } = await networkHelpers.loadFixture(fundedInstitution);
    const here = await pool.getAddress();
    const owner = as(people.depositor, pool);
    await owner.approve(people.stranger.address, 10n ** 30n);
    for (const call of [
      owner.transfer(here, 1n),
      as(people.stranger, pool).transferFrom(people.depositor.address, here, 1n),
    ]) {
      await expect(call).to.be.revertedWithCustomError(pool, "ERC20InvalidReceiver").withArgs(here);
    }
    await expect(owner.deposit(10n ** 6n, here))
      .to.be.revertedWithCustomError(pool, "ERC4626ExceededMaxDeposit")
      .withArgs(here, 10n ** 6n, 0n);
  });
});
