import { expect } from "chai";
import { authorizationNonce } from "../../lending/authorization.ts";
import { as, deployHelper, ethers, type Signer } from "./support/chain.ts";
import { lend, parts, readPayment } from "./support/loans.ts";
import { institution, load, UNIT, type World } from "./support/world.ts";

type Hex = `0x${string}`;

const ROW = 11_100n;
const SALT = `0x${"5a".repeat(32)}` as Hex;
const NEVER = 4_000_000_000;

const types = {
  ReceiveWithAuthorization: [
    { name: "from", type: "address" },
    { name: "to", type: "address" },
    { name: "value", type: "uint256" },
    { name: "validAfter", type: "uint256" },
    { name: "validBefore", type: "uint256" },
    { name: "nonce", type: "bytes32" },
  ],
};

/** Fixture: as `institution`, and nobody has allowed the book anything. */
async function withoutAllowance(): Promise<World> {
  const world = await institution();
  const { borrower, stranger } = world.people;
  for (const person of [borrower, stranger]) {
    await as(person, world.dollar).approve(await world.book.getAddress(), 0n);
  }
  return world;
}

/** What `payer` signs to pay `amount` minor units on `loanId`; `payer` may be a wallet that `signer` owns. */
async function authorize(
  world: World,
  loanId: string,
  amount: bigint,
  signer: Signer,
  payer = signer.address,
) {
  const { name, version, chainId, verifyingContract } = await world.dollar.eip712Domain();
  const message = {
    from: payer,
    to: await world.book.getAddress(),
    value: amount * UNIT,
    validAfter: 0,
    validBefore: NEVER,
    nonce: authorizationNonce(loanId as Hex, SALT),
  };
  const signature = await signer.signTypedData({ name, version, chainId, verifyingContract }, types, message);
  return { payer, validAfter: 0, validBefore: NEVER, salt: SALT, signature };
}

describe("A repayment that the payer signed and somebody else brings", () => {
  it("pays that loan from the payer, who needs neither an allowance nor a coin", async () => {
    const world = await load(withoutAllowance);
    const { book, dollar, people } = world;
    const { loanId } = await lend(world);
    const signed = await authorize(world, loanId, ROW, people.borrower);
    const transaction = await as(people.cashier, book).repayWithAuthorization(loanId, ROW, signed);
    const payment = await readPayment(book, transaction);
    expect([payment.paid, payment.payer]).to.deep.equal([
      parts(0n, 100n, 1_000n, 10_000n),
      people.borrower.address,
    ]);
    await expect(transaction).to.changeTokenBalances(
      ethers,
      dollar,
      [people.borrower.address, people.lender.address, await book.getAddress()],
      [-ROW * UNIT, ROW * UNIT, 0n],
    );
  });

  it("may come from a contract wallet", async () => {
    const world = await load(withoutAllowance);
    const { book, dollar, people } = world;
    const wallet = await (await deployHelper("ContractWallet", [people.borrower.address])).getAddress();
    await dollar.mint(wallet, ROW * UNIT);
    const { loanId } = await lend(world);
    const signed = await authorize(world, loanId, ROW, people.borrower, wallet);
    await as(people.cashier, book).repayWithAuthorization(loanId, ROW, signed);
    expect(await dollar.balanceOf(wallet)).to.equal(0n);
  });

  it("is good for no other loan, no other amount, and only once", async () => {
    const world = await load(withoutAllowance);
    const { book, dollar, people } = world;
    const { loanId } = await lend(world);
    const { loanId: other } = await lend(world);
    const signed = await authorize(world, loanId, ROW, people.borrower);
    const cashier = as(people.cashier, book);
    for (const call of [
      cashier.repayWithAuthorization(other, ROW, signed),
      cashier.repayWithAuthorization(loanId, ROW - 1n, signed),
      cashier.repayWithAuthorization(loanId, ROW, { ...signed, payer: people.stranger.address }),
      cashier.repayWithAuthorization(loanId, ROW, { ...signed, salt: ethers.ZeroHash }),
      cashier.repayWithAuthorization(loanId, ROW, { ...signed, validBefore: NEVER + 1 }),
    ]) {
      await expect(call).to.be.revertedWithCustomError(dollar, "ERC3009InvalidSignature");
    }
    await cashier.repayWithAuthorization(loanId, ROW, signed);
    await expect(cashier.repayWithAuthorization(loanId, ROW, signed)).to.be.revertedWithCustomError(
      dollar,
      "InvalidAccountNonce",
    );
  });

  it("gives back what is beyond the payoff", async () => {
    const world = await load(withoutAllowance);
    const { book, dollar, people } = world;
    const { loanId } = await lend(world);
    const signed = await authorize(world, loanId, 50_000n, people.stranger);
    const transaction = await as(people.cashier, book).repayWithAuthorization(loanId, 50_000n, signed);
    expect((await readPayment(book, transaction)).closed).to.equal(true);
    await expect(transaction).to.changeTokenBalances(
      ethers,
      dollar,
      [people.stranger.address, people.lender.address, await book.getAddress()],
      [-30_300n * UNIT, 30_300n * UNIT, 0n],
    );
  });

  it("of nothing, or on a loan that is closed or does not exist, moves nothing", async () => {
    const world = await load(withoutAllowance);
    const { book, people } = world;
    const { loanId } = await lend(world);
    const cashier = as(people.cashier, book);
    const nothing = await authorize(world, loanId, 0n, people.borrower);
    await expect(cashier.repayWithAuthorization(loanId, 0n, nothing)).to.be.revertedWithCustomError(
      book,
      "LoanBookAmountZero",
    );
    const unknown = await authorize(world, ethers.ZeroHash, ROW, people.borrower);
    await expect(cashier.repayWithAuthorization(ethers.ZeroHash, ROW, unknown))
      .to.be.revertedWithCustomError(book, "LoanBookWrongState")
      .withArgs(ethers.ZeroHash, 0);
  });

  it("is bound by a nonce that lending/ computes too", async () => {
    const { book } = await load(withoutAllowance);
    for (const loanId of [ethers.ZeroHash, ethers.id("a"), ethers.id("b")] as Hex[]) {
      expect(await book.authorizationNonce(loanId, SALT)).to.equal(authorizationNonce(loanId, SALT));
    }
  });
});
