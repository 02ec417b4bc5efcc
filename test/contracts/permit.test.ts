import { expect } from "chai";
import { Signature } from "ethers";
import { as, deployHelper, ethers, type Helper, type Signer } from "./support/chain.ts";
import { draft, lend, originate, parts, readPayment } from "./support/loans.ts";
import { govern, institution, load, UNIT, type World } from "./support/world.ts";

type Hex = `0x${string}`;

const DEADLINE = 4_000_000_000n;
const ROW = 11_100n;

describe("A repayment with a permit", () => {
  it("needs no allowance beforehand, and leaves none", async () => {
    const world = await withoutAllowance();
    const { loanId } = await lend(world);
    const { v, r, s } = await permit(world, world.people.borrower, ROW * UNIT);
    const book = as(world.people.borrower, world.book);
    const payment = await readPayment(world.book, await book.repayWithPermit(loanId, ROW, DEADLINE, v, r, s));
    expect(payment.paid).to.deep.equal(parts(0n, 100n, 1_000n, 10_000n));
    expect(await allowance(world, world.people.borrower)).to.equal(0n);
  });

  it("gets through when somebody handed the permit in before", async () => {
    const world = await withoutAllowance();
    const { loanId } = await lend(world);
    const { borrower, stranger } = world.people;
    const { v, r, s } = await permit(world, borrower, ROW * UNIT);
    const spender = await world.book.getAddress();
    await as(stranger, world.dollar).permit(borrower.address, spender, ROW * UNIT, DEADLINE, v, r, s);
    const book = as(borrower, world.book);
    const payment = await readPayment(world.book, await book.repayWithPermit(loanId, ROW, DEADLINE, v, r, s));
    expect(payment.totals.principal).to.equal(10_000n);
  });

  it("of another person moves nothing of that person's", async () => {
    const world = await withoutAllowance();
    const { loanId } = await lend(world);
    const { borrower, stranger } = world.people;
    await as(stranger, world.dollar).approve(await world.book.getAddress(), 0n);
    const { v, r, s } = await permit(world, borrower, ROW * UNIT);
    await expect(as(stranger, world.book).repayWithPermit(loanId, ROW, DEADLINE, v, r, s))
      .to.be.revertedWithCustomError(world.dollar, "ERC20InsufficientAllowance")
      .withArgs(await world.book.getAddress(), 0n, ROW * UNIT);
  });

  it("for another amount, or out of date, is no permit", async () => {
    const world = await withoutAllowance();
    const { loanId } = await lend(world);
    const book = as(world.people.borrower, world.book);
    const { v, r, s } = await permit(world, world.people.borrower, ROW * UNIT);
    for (const [amount, deadline] of [
      [ROW + 1n, DEADLINE],
      [ROW, 1n],
    ] as const) {
      await expect(book.repayWithPermit(loanId, amount, deadline, v, r, s)).to.be.revertedWithCustomError(
        world.dollar,
        "ERC20InsufficientAllowance",
      );
    }
  });

  it("above the payoff takes the payoff alone", async () => {
    const world = await withoutAllowance();
    const { loanId } = await lend(world, { earlySettlement: 0 });
    const { v, r, s } = await permit(world, world.people.borrower, 50_000n * UNIT);
    const call = as(world.people.borrower, world.book).repayWithPermit(loanId, 50_000n, DEADLINE, v, r, s);
    await expect(call).to.changeTokenBalances(
      ethers,
      world.dollar,
      [world.people.borrower],
      [-33_300n * UNIT],
    );
  });

  it("in a token that knows no permits works with an allowance", async () => {
    const world = await load(institution);
    const token: Helper<"mint" | "approve"> = await deployHelper("OddToken", [6]);
    await govern(world, world.book, "setCurrency", [await token.getAddress(), true]);
    for (const person of [world.people.borrower, world.people.lender]) {
      await token.mint(person.address, 10n ** 18n);
      await as(person, token).approve(await world.book.getAddress(), 10n ** 18n);
    }
    const agreement = await draft(world, { currency: (await token.getAddress()) as Hex });
    await originate(world, agreement);
    const book = as(world.people.borrower, world.book);
    const loanId = await world.book.loanIdOf(agreement);
    const { v, r, s } = await permit(world, world.people.borrower, ROW * UNIT);
    await book.repayWithPermit(loanId, ROW, DEADLINE, v, r, s);
    expect((await world.book.loanOf(loanId)).payments).to.equal(1n);
  });
});

/** The borrower's usual allowance is gone. */
async function withoutAllowance(): Promise<World> {
  const world = await load(institution);
  await as(world.people.borrower, world.dollar).approve(await world.book.getAddress(), 0n);
  return world;
}

async function allowance({ dollar, book }: World, owner: Signer): Promise<bigint> {
  return await dollar.allowance(owner.address, await book.getAddress());
}

async function permit({ dollar, book, domain }: World, owner: Signer, value: bigint): Promise<Signature> {
  const signature = await owner.signTypedData(
    {
      name: "Test Dollar",
      version: "1",
      chainId: domain.chainId,
      verifyingContract: await dollar.getAddress(),
    },
    {
      Permit: [
        { name: "owner", type: "address" },
        { name: "spender", type: "address" },
        { name: "value", type: "uint256" },
        { name: "nonce", type: "uint256" },
        { name: "deadline", type: "uint256" },
      ],
    },
    {
      owner: owner.address,
      spender: await book.getAddress(),
      value,
      nonce: await dollar.nonces(owner.address),
      deadline: DEADLINE,
    },
  );
  return Signature.from(signature);
}
