import { expect } from "chai";
import type { loanBookAbi } from "../../chain/abi.ts";
import { consentDigest } from "../../lending/agreement.ts";
import { as, deployHelper, deployLinked, type Helper, networkHelpers } from "../contracts/support/chain.ts";
import { draft, originate, sign } from "../contracts/support/loans.ts";
import { institution } from "../contracts/support/world.ts";

type Hex = `0x${string}`;
type Wallet = Helper<"approveDigest" | "execute" | "isValidSignature">;

/**
 * Arcade (through Immunefi): one signature satisfied both roles through ERC-1271. Centrifuge (M-02, M-03): a permit was used on
 * another pool; a cached domain separator outlived a fork.
 */
describe("19 One signature is one party's consent, in one book, on one chain", () => {
  it("a wallet that approved the borrower's consent has not approved the lender's", async () => {
    const world = await networkHelpers.loadFixture(institution);
    const { book, dollar, people } = world;
    const wallet: Wallet = await deployHelper("ContractWallet", [people.stranger.address]);
    const lender = (await wallet.getAddress()) as Hex;
    await dollar.mint(lender, 10n ** 12n);
    const approve = dollar.interface.encodeFunctionData("approve", [await book.getAddress(), 10n ** 12n]);
    await as(people.stranger, wallet).execute(await dollar.getAddress(), approve);
    const agreement = await draft(world, { lender });
    const owner = as(people.stranger, wallet);
    await owner.approveDigest(consentDigest(world.domain, "borrower", agreement), true);
    await expect(originate(world, agreement, { lenderSignature: "0x" }))
      .to.be.revertedWithCustomError(book, "LoanBookConsentMissing")
      .withArgs(lender, 2);
    await owner.approveDigest(consentDigest(world.domain, "lender", agreement), true);
    await originate(world, agreement, { lenderSignature: "0x" });
  });

  it("a signature for one role is none for the other, of the same person", async () => {
    const world = await networkHelpers.loadFixture(institution);
    const agreement = await draft(world);
    const asLender = await sign(world, "lender", agreement, world.people.borrower);
    await expect(originate(world, agreement, { borrowerSignature: asLender })).to.be.revertedWithCustomError(
      world.book,
      "LoanBookConsentMissing",
    );
  });

  it("signatures for one book, or for another chain, are nothing in this one", async () => {
    const world = await networkHelpers.loadFixture(institution);
    const { manager, wallets, people } = world;
    const other = await deployLinked<typeof loanBookAbi>("LoanBook", [manager, wallets, manager]);
    const agreement = await draft(world);
    for (const domain of [
      { ...world.domain, verifyingContract: (await other.getAddress()) as Hex },
      { ...world.domain, chainId: world.domain.chainId + 1 },
      { ...world.domain, version: "2" },
    ]) {
      const borrowerSignature = await sign({ ...world, domain }, "borrower", agreement, people.borrower);
      await expect(originate(world, agreement, { borrowerSignature })).to.be.revertedWithCustomError(
        world.book,
        "LoanBookConsentMissing",
      );
    }
    expect(await other.loanIdOf(agreement)).to.not.equal(await world.book.loanIdOf(agreement));
  });
});
