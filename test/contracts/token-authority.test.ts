import { expect } from "chai";
import { loanIdOf } from "../../lending/agreement.ts";
import { as, deployHelper, ethers, type Signer } from "./support/chain.ts";
import { draft, lend, originate, repay, sign } from "./support/loans.ts";
import { fundedInstitution, institution, load, UNIT, type World } from "./support/world.ts";

type Hex = `0x${string}`;

/** Everybody here has given the book an allowance without limit: what an attacker makes of it. */
describe("Whose tokens move", () => {
  it("never a victim's who is named as lender without having signed", async () => {
    const world = await load(institution);
    const { borrower: attacker, stranger: victim } = world.people;
    const agreement = await draft(world, { lender: victim.address as Hex });
    await unmoved(world, [victim], async () => {
      for (const signer of [attacker, world.people.lender]) {
        const lenderSignature = await sign(world, "lender", agreement, signer);
        await expect(originate(world, agreement, { caller: attacker, lenderSignature }))
          .to.be.revertedWithCustomError(world.book, "LoanBookConsentMissing")
          .withArgs(victim.address, 2);
      }
    });
  });

  it("never a lender's twice for one signature, nor for a changed loan", async () => {
    const world = await load(institution);
    const agreement = await draft(world);
    const lenderSignature = await sign(world, "lender", agreement, world.people.lender);
    await originate(world, agreement, { lenderSignature });
    await unmoved(world, [world.people.lender], async () => {
      await expect(originate(world, agreement, { lenderSignature })).to.be.revertedWithCustomError(
        world.book,
        "LoanBookAlreadyOriginated",
      );
      const again = { ...agreement, salt: `0x${"01".repeat(32)}` as Hex };
      await expect(originate(world, again, { lenderSignature })).to.be.revertedWithCustomError(
        world.book,
        "LoanBookConsentMissing",
      );
    });
  });

  it("on repayment only the caller's: nobody can name another payer (INV-07)", async () => {
    const world = await load(institution);
    const { borrower, lender, stranger: payer, depositor: penniless } = world.people;
    const { loanId } = await lend(world);
    await unmoved(world, [borrower], async () => {
      await expect(as(payer, world.book).repay(loanId, 1_000n)).to.changeTokenBalances(
        ethers,
        world.dollar,
        [payer, lender],
        [-1_000n * UNIT, 1_000n * UNIT],
      );
      await as(penniless, world.dollar).approve(await world.book.getAddress(), 0n);
      await expect(repay(world, loanId, 1_000n, penniless)).to.be.revertedWithCustomError(
        world.dollar,
        "ERC20InsufficientAllowance",
      );
    });
  });

  it("never a pool's without its underwriter, though the pool lets the book pull what it lends", async () => {
    const world = await load(fundedInstitution);
    const agreement = await draft(world, { lender: (await world.pool.getAddress()) as Hex });
    const borrowerSignature = await sign(world, "borrower", agreement, world.people.borrower);
    for (const person of ["borrower", "stranger", "governor", "guardian", "depositor"] as const) {
      await expect(as(world.people[person], world.pool).originate(agreement, borrowerSignature))
        .to.be.revertedWithCustomError(world.pool, "AccessManagedUnauthorized")
        .withArgs(world.people[person].address);
    }
    const originate = () => as(world.people.underwriter, world.pool).originate(agreement, borrowerSignature);
    const loanId = await world.book.loanIdOf(agreement);
    await expect(originate())
      .to.be.revertedWithCustomError(world.pool, "LendingPoolApprovalMissing")
      .withArgs(loanId, 0, 1);
    await as(world.people.approver, world.pool).approveLoan(loanId);
    await originate();
    const [book, pool] = await Promise.all([world.book.getAddress(), world.pool.getAddress()]);
    expect(await world.dollar.allowance(pool, book)).to.equal(0n);
  });

  it("never what the book holds for somebody else", async () => {
    const world = await load(institution);
    const { stranger, lender } = world.people;
    for (const caller of [stranger, lender]) {
      const currency = await world.dollar.getAddress();
      await expect(as(caller, world.book).collectHeld(currency, caller.address))
        .to.be.revertedWithCustomError(world.book, "LoanBookNothingOwed")
        .withArgs(currency, caller.address);
    }
  });

  it("never a contract's that says yes to nothing, though it has given an allowance", async () => {
    const world = await load(institution);
    const wallet = await deployHelper<"execute">("ContractWallet", [world.people.stranger.address]);
    const lender = (await wallet.getAddress()) as Hex;
    await world.dollar.mint(lender, 10n ** 12n);
    const data = world.dollar.interface.encodeFunctionData("approve", [
      await world.book.getAddress(),
      10n ** 12n,
    ]);
    await as(world.people.stranger, wallet).execute(await world.dollar.getAddress(), data);
    const agreement = await draft(world, { lender });
    await expect(originate(world, agreement))
      .to.be.revertedWithCustomError(world.book, "LoanBookConsentMissing")
      .withArgs(lender, 2);
  });

  it("all of it or nothing: a lender without the money leaves no loan and no note", async () => {
    const world = await load(institution);
    const { dollar, people } = world;
    const { lender } = people;
    await as(lender, dollar).transfer(world.people.depositor.address, await dollar.balanceOf(lender.address));
    const agreement = await draft(world);
    await expect(originate(world, agreement)).to.be.revertedWithCustomError(
      dollar,
      "ERC20InsufficientBalance",
    );
    const loanId = loanIdOf(world.domain, agreement);
    await expect(world.book.ownerOf(loanId))
      .to.be.revertedWithCustomError(world.book, "ERC721NonexistentToken")
      .withArgs(loanId);
  });
});

/** Runs `work` and expects the balances of `accounts` as they were. */
async function unmoved({ dollar }: World, accounts: Signer[], work: () => Promise<void>): Promise<void> {
  const balances = () => Promise.all(accounts.map(({ address }) => dollar.balanceOf(address)));
  const before = await balances();
  await work();
  expect(await balances()).to.deep.equal(before);
}
