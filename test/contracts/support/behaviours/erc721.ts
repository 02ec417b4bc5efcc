import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { accountOf, as, deployHelper, type Helper, type Signer } from "../chain.ts";
import type { LoanBook } from "../world.ts";

/** Two tokens of one owner, of which nothing was approved, and two people who have nothing to do with them yet. */
export interface Erc721Setup {
  token: LoanBook;
  ids: readonly [bigint, bigint];
  owner: Signer;
  /** Owns no token. */
  other: Signer;
  /** Owns no token, and is nobody's operator. */
  operator: Signer;
}

/** An id that no token has. */
const NOBODYS = 2n ** 256n - 1n;

const DATA = "0xc0ffee";

/** The order of the receiver's habits. */
const HABITS = { accept: 0n, answerWrongly: 1n, refuse: 2n, refuseSilently: 3n };

type Transfer = (token: LoanBook, from: string, to: string, id: bigint) => Promise<unknown>;

const safeTransfer: Transfer = (token, from, to, id) =>
  token.getFunction("safeTransferFrom(address,address,uint256)").send(from, to, id);

const safeTransferWithData: Transfer = (token, from, to, id) =>
  token.getFunction("safeTransferFrom(address,address,uint256,bytes)").send(from, to, id, DATA);

/** Each way to transfer a token. */
export const TRANSFERS: Record<string, Transfer> = {
  transferFrom: (token, from, to, id) => token.transferFrom(from, to, id),
  safeTransferFrom: safeTransfer,
  "safeTransferFrom with data": safeTransferWithData,
};

/** ERC-721 without its extensions, and ERC-165. */
export function shouldBehaveLikeErc721(setUp: () => Promise<Erc721Setup>): void {
  it("knows how many tokens an account owns, and that nobody owns any as the zero address", async () => {
    const { token, owner, other } = await setUp();
    expect(await token.balanceOf(owner.address)).to.equal(2n);
    expect(await token.balanceOf(other.address)).to.equal(0n);
    await expect(token.balanceOf(ZeroAddress))
      .to.be.revertedWithCustomError(token, "ERC721InvalidOwner")
      .withArgs(ZeroAddress);
  });

  it("knows the owner of each token", async () => {
    const { token, ids, owner } = await setUp();
    for (const id of ids) expect(await token.ownerOf(id)).to.equal(owner.address);
  });

  it("answers nothing about a token that does not exist, and does nothing with it", async () => {
    const { token, owner, other } = await setUp();
    const calls = [
      token.ownerOf(NOBODYS),
      token.getApproved(NOBODYS),
      as(owner, token).approve(other.address, NOBODYS),
      ...Object.values(TRANSFERS).map((transfer) =>
        transfer(as(owner, token), owner.address, other.address, NOBODYS),
      ),
    ];
    for (const call of calls) {
      await expect(call).to.be.revertedWithCustomError(token, "ERC721NonexistentToken").withArgs(NOBODYS);
    }
  });

  it("says what it is by ERC-165", async () => {
    const { token } = await setUp();
    for (const [id, supported] of [
      ["0x01ffc9a7", true],
      ["0x80ac58cd", true],
      ["0xffffffff", false],
      ["0x150b7a02", false],
    ] as const) {
      expect(await token.supportsInterface(id), id).to.equal(supported);
    }
  });

  for (const [name, transfer] of Object.entries(TRANSFERS)) {
    describe(name, () => shouldTransferBy(setUp, transfer));
  }
  describe("a safe transfer", () => shouldAskReceivers(setUp));
  describe("an approval", () => shouldApprove(setUp));
  describe("an operator", () => shouldHaveOperators(setUp));
}

/** ERC-721's metadata extension. */
export function shouldHaveErc721Metadata(
  setUp: () => Promise<Erc721Setup>,
  names: { name: string; symbol: string },
): void {
  it("has a name and a symbol, and says so by ERC-165", async () => {
    const { token } = await setUp();
    expect({ name: await token.name(), symbol: await token.symbol() }).to.deep.equal(names);
    expect(await token.supportsInterface("0x5b5e139f")).to.equal(true);
  });

  it("has a URI for each token, and none for a token that does not exist", async () => {
    const { token, ids } = await setUp();
    const uris = await Promise.all(ids.map((id) => token.tokenURI(id)));
    expect(new Set(uris).size).to.equal(2);
    for (const uri of uris) expect(new URL(uri as string).href).to.equal(uri);
    await expect(token.tokenURI(NOBODYS))
      .to.be.revertedWithCustomError(token, "ERC721NonexistentToken")
      .withArgs(NOBODYS);
  });
}

function shouldTransferBy(setUp: () => Promise<Erc721Setup>, transfer: Transfer): void {
  it("is refused to whom nothing allows it", async () => {
    const { token, ids, owner, other, operator } = await setUp();
    // She may move the other token, and the operator what a third person owns.
    await as(owner, token).approve(other.address, ids[1]);
    await as(other, token).setApprovalForAll(operator.address, true);
    for (const person of [other, operator]) {
      await expect(transfer(as(person, token), owner.address, person.address, ids[0]))
        .to.be.revertedWithCustomError(token, "ERC721InsufficientApproval")
        .withArgs(person.address, ids[0]);
    }
    expect(await token.ownerOf(ids[0])).to.equal(owner.address);
  });

  it("is refused from whom the token is not, even to its owner", async () => {
    const { token, ids, owner, other } = await setUp();
    for (const from of [other.address, ZeroAddress]) {
      await expect(transfer(as(owner, token), from, other.address, ids[0]))
        .to.be.revertedWithCustomError(token, "ERC721IncorrectOwner")
        .withArgs(from, ids[0], owner.address);
    }
  });

  it("is refused to the zero address", async () => {
    const { token, ids, owner } = await setUp();
    await expect(transfer(as(owner, token), owner.address, ZeroAddress, ids[0]))
      .to.be.revertedWithCustomError(token, "ERC721InvalidReceiver")
      .withArgs(ZeroAddress);
  });

  it("moves one token by its owner, whom she approved or her operator, and says so", async () => {
    for (const by of ["owner", "approved", "operator"] as const) {
      const { token, ids, owner, other, operator } = await setUp();
      const [moved, kept] = ids;
      await as(owner, token).approve(operator.address, kept);
      if (by === "approved") await as(owner, token).approve(operator.address, moved);
      if (by === "operator") await as(owner, token).setApprovalForAll(operator.address, true);
      const caller = by === "owner" ? owner : operator;
      await expect(transfer(as(caller, token), owner.address, other.address, moved))
        .to.emit(token, "Transfer")
        .withArgs(owner.address, other.address, moved);
      expect(await token.ownerOf(moved), by).to.equal(other.address);
      expect(await token.ownerOf(kept), by).to.equal(owner.address);
      expect(await token.getApproved(kept), by).to.equal(operator.address);
      expect([await token.balanceOf(owner.address), await token.balanceOf(other.address)]).to.deep.equal([
        1n,
        1n,
      ]);
    }
  });

  it("ends the approval, also when the token comes to whom it was before", async () => {
    for (const receiver of ["other", "owner"] as const) {
      const setup = await setUp();
      const { token, ids, owner, operator } = setup;
      await as(owner, token).approve(operator.address, ids[0]);
      const to = setup[receiver];
      await transfer(as(owner, token), owner.address, to.address, ids[0]);
      expect(await token.getApproved(ids[0]), receiver).to.equal(ZeroAddress);
      expect(await token.ownerOf(ids[0]), receiver).to.equal(to.address);
      await expect(transfer(as(operator, token), to.address, operator.address, ids[0]))
        .to.be.revertedWithCustomError(token, "ERC721InsufficientApproval")
        .withArgs(operator.address, ids[0]);
      const counts = receiver === "owner" ? [2n, 0n] : [1n, 1n];
      const { other } = setup;
      expect([await token.balanceOf(owner.address), await token.balanceOf(other.address)]).to.deep.equal(
        counts,
      );
    }
  });

  it("leaves the former owner and her operator no right", async () => {
    const { token, ids, owner, other, operator } = await setUp();
    await as(owner, token).setApprovalForAll(operator.address, true);
    await transfer(as(operator, token), owner.address, other.address, ids[0]);
    for (const person of [owner, operator]) {
      await expect(transfer(as(person, token), other.address, owner.address, ids[0]))
        .to.be.revertedWithCustomError(token, "ERC721InsufficientApproval")
        .withArgs(person.address, ids[0]);
    }
    await transfer(as(other, token), other.address, owner.address, ids[0]);
  });
}

function shouldAskReceivers(setUp: () => Promise<Erc721Setup>): void {
  const receiver = (habit: bigint): Promise<Helper<"onERC721Received">> =>
    deployHelper("TokenReceiver", [habit]);

  it("tells a contract who moved which token from whom, with what data, when it is its owner already", async () => {
    for (const [transfer, data] of [
      [safeTransfer, "0x"],
      [safeTransferWithData, DATA],
    ] as const) {
      const { token, ids, owner, operator } = await setUp();
      const contract = await receiver(HABITS.accept);
      const to = await contract.getAddress();
      await as(owner, token).approve(operator.address, ids[0]);
      await expect(transfer(as(operator, token), owner.address, to, ids[0]))
        .to.emit(contract, "TokenReceived")
        .withArgs(operator.address, owner.address, ids[0], data, to);
      await as(await accountOf(contract), token).transferFrom(to, owner.address, ids[0]);
    }
  });

  it("is refused to a contract that answers wrongly, does not answer, or refuses without a word", async () => {
    const { token, ids, owner, other } = await setUp();
    for (const contract of [
      await receiver(HABITS.answerWrongly),
      await receiver(HABITS.refuseSilently),
      await deployHelper("ContractWallet", [other.address]),
    ]) {
      const to = await contract.getAddress();
      for (const transfer of [safeTransfer, safeTransferWithData]) {
        await expect(transfer(as(owner, token), owner.address, to, ids[0]))
          .to.be.revertedWithCustomError(token, "ERC721InvalidReceiver")
          .withArgs(to);
      }
    }
    expect(await token.ownerOf(ids[0])).to.equal(owner.address);
  });

  it("is refused in a contract's own words where it has any", async () => {
    const { token, ids, owner } = await setUp();
    const contract = await receiver(HABITS.refuse);
    for (const transfer of [safeTransfer, safeTransferWithData]) {
      await expect(
        transfer(as(owner, token), owner.address, await contract.getAddress(), ids[0]),
      ).to.be.revertedWithCustomError(contract, "TokenReceiverRefused");
    }
  });

  it("is the only one that asks: a plain one goes to any contract", async () => {
    const { token, ids, owner } = await setUp();
    const contract = await receiver(HABITS.refuse);
    await as(owner, token).transferFrom(owner.address, await contract.getAddress(), ids[0]);
    expect(await token.ownerOf(ids[0])).to.equal(await contract.getAddress());
  });
}

function shouldApprove(setUp: () => Promise<Erc721Setup>): void {
  it("is refused to everybody but the owner and her operators, whom she approved included", async () => {
    const { token, ids, owner, other, operator } = await setUp();
    await as(owner, token).approve(other.address, ids[0]);
    for (const person of [other, operator]) {
      await expect(as(person, token).approve(person.address, ids[0]))
        .to.be.revertedWithCustomError(token, "ERC721InvalidApprover")
        .withArgs(person.address);
    }
    expect(await token.getApproved(ids[0])).to.equal(other.address);
  });

  it("is told, holds for one token and one person, and is taken back by approving nobody", async () => {
    const { token, ids, owner, other, operator } = await setUp();
    expect(await token.getApproved(ids[0])).to.equal(ZeroAddress);
    for (const to of [other.address, operator.address, ZeroAddress]) {
      await expect(as(owner, token).approve(to, ids[0]))
        .to.emit(token, "Approval")
        .withArgs(owner.address, to, ids[0]);
      expect(await token.getApproved(ids[0])).to.equal(to);
      expect(await token.getApproved(ids[1])).to.equal(ZeroAddress);
    }
    for (const person of [other, operator]) {
      await expect(as(person, token).transferFrom(owner.address, person.address, ids[0]))
        .to.be.revertedWithCustomError(token, "ERC721InsufficientApproval")
        .withArgs(person.address, ids[0]);
    }
  });
}

function shouldHaveOperators(setUp: () => Promise<Erc721Setup>): void {
  it("is named and dismissed by each owner for herself, and told", async () => {
    const { token, owner, other, operator } = await setUp();
    for (const approved of [true, true, false]) {
      await expect(as(owner, token).setApprovalForAll(operator.address, approved))
        .to.emit(token, "ApprovalForAll")
        .withArgs(owner.address, operator.address, approved);
      expect(await token.isApprovedForAll(owner.address, operator.address)).to.equal(approved);
      expect(await token.isApprovedForAll(other.address, operator.address)).to.equal(false);
      expect(await token.isApprovedForAll(operator.address, owner.address)).to.equal(false);
    }
  });

  it("is never the zero address", async () => {
    const { token, owner } = await setUp();
    await expect(as(owner, token).setApprovalForAll(ZeroAddress, true))
      .to.be.revertedWithCustomError(token, "ERC721InvalidOperator")
      .withArgs(ZeroAddress);
  });

  it("approves in the owner's name for each of her tokens, and no longer once dismissed", async () => {
    const { token, ids, owner, other, operator } = await setUp();
    await as(owner, token).setApprovalForAll(operator.address, true);
    for (const id of ids) {
      await expect(as(operator, token).approve(other.address, id))
        .to.emit(token, "Approval")
        .withArgs(owner.address, other.address, id);
    }
    await as(other, token).transferFrom(owner.address, other.address, ids[0]);
    await as(owner, token).setApprovalForAll(operator.address, false);
    await expect(as(operator, token).approve(operator.address, ids[1]))
      .to.be.revertedWithCustomError(token, "ERC721InvalidApprover")
      .withArgs(operator.address);
    await expect(as(operator, token).transferFrom(owner.address, operator.address, ids[1]))
      .to.be.revertedWithCustomError(token, "ERC721InsufficientApproval")
      .withArgs(operator.address, ids[1]);
  });
}
