import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { shouldBehaveLikeErc721, shouldHaveErc721Metadata, TRANSFERS } from "./support/behaviours/erc721.ts";
import { accountOf, as, deployHelper, ethers, networkHelpers } from "./support/chain.ts";
import { draft, lend, originate, repay } from "./support/loans.ts";
import { lendOdd, oddInstitution } from "./support/odd.ts";
import { institution, load, UNIT } from "./support/world.ts";

const ROW = 11_100n;

/** Two notes of the lender, of whom one was paid on. */
async function twoNotes() {
  const world = await load(institution);
  const { people, book } = world;
  const loanIds = [await lend(world), await lend(world)].map(({ loanId }) => loanId);
  await repay(world, loanIds[1] ?? "", ROW);
  const [first, second] = loanIds.map(BigInt);
  if (first === undefined || second === undefined) throw new Error("there are two loans");
  const { lender: owner, stranger: other, depositor: operator } = people;
  return { token: book, ids: [first, second] as const, owner, other, operator };
}

describe("The notes of the loan book", () => {
  shouldBehaveLikeErc721(twoNotes);
  shouldHaveErc721Metadata(twoNotes, { name: "Ahadi Loan Note", symbol: "AHADI" });

  it("cannot be listed on-chain, and do not say that they can", async () => {
    const { token } = await twoNotes();
    expect(await token.supportsInterface("0x780e9d63")).to.equal(false);
  });

  it("cannot be sent to the book, in whichever way and by whomever, where repayments would be lost (INV-33)", async () => {
    for (const [name, transfer] of Object.entries(TRANSFERS)) {
      const { token, ids, owner, operator } = await twoNotes();
      const book = await token.getAddress();
      await as(owner, token).setApprovalForAll(operator.address, true);
      for (const person of [owner, operator]) {
        await expect(transfer(as(person, token), owner.address, book, ids[0]), name)
          .to.be.revertedWithCustomError(token, "ERC721InvalidReceiver")
          .withArgs(book);
      }
      expect(await token.ownerOf(ids[0])).to.equal(owner.address);
    }
  });

  it("come to a lender without asking her: no code of hers runs while a loan is made", async () => {
    const world = await load(institution);
    const { book, dollar } = world;
    // The third habit: it would refuse.
    const contract = await deployHelper("TokenReceiver", [2n]);
    const lender = await accountOf(contract);
    await dollar.mint(lender.address, 30_000n * UNIT);
    await as(lender, dollar).approve(await book.getAddress(), 30_000n * UNIT);
    const agreement = await draft(world, { lender: lender.address as `0x${string}` });
    const id = BigInt(await book.loanIdOf(agreement));
    await expect(originate(world, agreement, { caller: lender, lenderSignature: "0x" }))
      .to.emit(book, "Transfer")
      .withArgs(ZeroAddress, lender.address, id);
    expect(await book.ownerOf(id)).to.equal(lender.address);
  });

  it("take repayments along, but not what is held for the owner before, which she alone collects", async () => {
    for (const [name, transfer] of Object.entries(TRANSFERS)) {
      const world = await networkHelpers.loadFixture(oddInstitution);
      const { book, token, people } = world;
      const currency = await token.getAddress();
      const loanId = await lendOdd(world);
      await token.setBlocked(people.lender.address, true);
      await repay(world, loanId, ROW);
      await transfer(
        as(people.lender, book),
        people.lender.address,
        people.depositor.address,
        BigInt(loanId),
      );
      await expect(as(people.depositor, book).collectHeld(currency, people.depositor.address), name)
        .to.be.revertedWithCustomError(book, "LoanBookNothingOwed")
        .withArgs(currency, people.depositor.address);
      const { transaction, recipient } = await repay(world, loanId, ROW);
      expect(recipient, name).to.equal(people.depositor.address);
      await expect(transaction).to.changeTokenBalances(
        ethers,
        token,
        [people.depositor, book],
        [ROW * UNIT, 0n],
      );
      await token.setBlocked(people.lender.address, false);
      await expect(
        as(people.lender, book).collectHeld(currency, people.lender.address),
      ).to.changeTokenBalances(ethers, token, [people.lender, book], [ROW * UNIT, -ROW * UNIT]);
    }
  });

  it("change hands while the book is paused, and after their loan is closed", async () => {
    const world = await load(institution);
    const { book, people } = world;
    const { loanId } = await lend(world);
    await as(people.guardian, book).pause();
    await as(people.lender, book).transferFrom(people.lender.address, people.stranger.address, loanId);
    expect((await repay(world, loanId, 40_000n)).closed).to.equal(true);
    await as(people.stranger, book).transferFrom(people.stranger.address, people.lender.address, loanId);
    expect(await book.ownerOf(loanId)).to.equal(people.lender.address);
  });
});
