import { expect } from "chai";
import { ethers, networkHelpers } from "../contracts/support/chain.ts";
import { lend } from "../contracts/support/loans.ts";
import { fundedInstitution } from "../contracts/support/world.ts";

/** Teller 2023 (011-M, 060-M): the operator chose an ERC-2771 forwarder that could not be revoked and spoke for everybody. */
describe("20 Nobody is spoken for by a forwarder", () => {
  it("neither book nor pool knows one", async () => {
    const { book, pool, registry, wallets } = await networkHelpers.loadFixture(fundedInstitution);
    for (const contract of [book, pool, registry, wallets]) {
      expect(contract.interface.hasFunction("isTrustedForwarder")).to.equal(false);
      expect(contract.interface.hasFunction("trustedForwarder")).to.equal(false);
    }
  });

  it("an address behind the call data is nobody's voice", async () => {
    const world = await networkHelpers.loadFixture(fundedInstitution);
    const { book, people } = world;
    const { loanId } = await lend(world, { coolingOffDays: 10 });
    for (const [name, args, speaker] of [
      ["returnLoan", [loanId], people.borrower],
      ["withdrawConsent", [loanId], people.lender],
      ["transferFrom", [people.lender.address, people.stranger.address, BigInt(loanId)], people.lender],
    ] as const) {
      const data = ethers.concat([book.interface.encodeFunctionData(name, [...args]), speaker.address]);
      const call = people.stranger.sendTransaction({ to: await book.getAddress(), data });
      if (name === "withdrawConsent") {
        await call;
        expect(await book.isConsentWithdrawn(loanId, speaker.address)).to.equal(false);
      } else {
        await expect(call).to.revert(ethers);
      }
    }
  });
});
