import { expect } from "chai";
import type { Agreement } from "../../lending/agreement.ts";
import { roles } from "../../scripts/deploy/module.ts";
import { as, ethers, networkHelpers } from "./support/chain.ts";
import { sign } from "./support/loans.ts";
import { draftFromPool, fund, fundAgreement } from "./support/pool.ts";
import { fundedInstitution, govern, limits, load, type Person, UNIT, type World } from "./support/world.ts";

const ID = ethers.id("some loan");

/** Fixture: loans up to 100.00 need one approval. */
async function strict(): Promise<World> {
  const world = await fundedInstitution();
  await govern(world, world.pool, "setLimits", [{ ...limits, oneApprovalUpTo: 10_000n * UNIT }]);
  return world;
}

const loadStrict = () => networkHelpers.loadFixture(strict);

describe("A loan of the pool is not made", () => {
  it("without an approval, or with one for other terms", async () => {
    const world = await load(fundedInstitution);
    const { pool, book } = world;
    const agreement = await draftFromPool(world);
    const loanId = await book.loanIdOf(agreement);
    await as(world.people.approver, pool).approveLoan(await book.loanIdOf({ ...agreement, penaltyCap: 1n }));
    await expect(originateAs("underwriter", world, agreement))
      .to.be.revertedWithCustomError(pool, "LendingPoolApprovalMissing")
      .withArgs(loanId, 0, 1);
  });

  it("with one approval above the amount that needs two (INV-74)", async () => {
    const world = await loadStrict();
    const agreement = await draftFromPool(world);
    const loanId = await world.book.loanIdOf(agreement);
    await approveAs("approver", world, loanId);
    await expect(originateAs("underwriter", world, agreement))
      .to.be.revertedWithCustomError(world.pool, "LendingPoolApprovalMissing")
      .withArgs(loanId, 1, 2);
    await approveAs("secondApprover", world, loanId);
    await originateAs("underwriter", world, agreement);
  });

  it("by somebody who agreed to it (INV-73)", async () => {
    const world = await load(fundedInstitution);
    const agreement = await draftFromPool(world);
    const loanId = await world.book.loanIdOf(agreement);
    for (const person of ["approver", "underwriter"] as const) await approveAs(person, world, loanId);
    await expect(originateAs("underwriter", world, agreement))
      .to.be.revertedWithCustomError(world.pool, "LendingPoolMakerIsChecker")
      .withArgs(loanId, world.people.underwriter.address);
    await as(world.people.underwriter, world.pool).withdrawApproval(loanId);
    await originateAs("underwriter", world, agreement);
  });

  it("with the approval of somebody who lost the role since", async () => {
    const world = await load(fundedInstitution);
    const { people, manager, pool, book } = world;
    const agreement = await draftFromPool(world);
    const loanId = await book.loanIdOf(agreement);
    await approveAs("approver", world, loanId);
    await govern(world, manager, "revokeRole", [roles.underwriter, people.approver.address]);
    await expect(originateAs("underwriter", world, agreement))
      .to.be.revertedWithCustomError(pool, "LendingPoolApprovalMissing")
      .withArgs(loanId, 0, 1);
    await govern(world, manager, "grantRole", [roles.underwriter, people.approver.address, 0]);
    await originateAs("underwriter", world, agreement);
  });

  it("through the manager, behind which one person could be two", async () => {
    const world = await load(fundedInstitution);
    const { people, manager, pool, book } = world;
    const agreement = await draftFromPool(world);
    const loanId = await book.loanIdOf(agreement);
    await approveAs("underwriter", world, loanId);
    const signature = await sign(world, "borrower", agreement, people.borrower);
    const data = pool.interface.encodeFunctionData("originate", [agreement, signature]);
    await expect(as(people.underwriter, manager).execute(await pool.getAddress(), data))
      .to.be.revertedWithCustomError(pool, "AccessManagedUnauthorized")
      .withArgs(await manager.getAddress());
  });
});

describe("An approval", () => {
  it("is given once, and shown with its number", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    await expect(approveAs("approver", world, ID))
      .to.emit(pool, "Approved")
      .withArgs(ID, people.approver.address, 1n);
    await expect(approveAs("approver", world, ID))
      .to.be.revertedWithCustomError(pool, "LendingPoolAlreadyApproved")
      .withArgs(ID, people.approver.address);
    await expect(approveAs("secondApprover", world, ID))
      .to.emit(pool, "Approved")
      .withArgs(ID, people.secondApprover.address, 2n);
    expect(await pool.approvalsOf(ID)).to.deep.equal([
      people.approver.address,
      people.secondApprover.address,
    ]);
  });

  it("is taken back by who gave it, and by nobody else", async () => {
    const world = await load(fundedInstitution);
    const { pool, people } = world;
    for (const person of ["approver", "secondApprover", "underwriter"] as const)
      await approveAs(person, world, ID);
    await expect(as(people.stranger, pool).withdrawApproval(ID))
      .to.be.revertedWithCustomError(pool, "LendingPoolApprovalMissing")
      .withArgs(ID, 0, 1);
    await expect(as(people.approver, pool).withdrawApproval(ID))
      .to.emit(pool, "ApprovalWithdrawn")
      .withArgs(ID, people.approver.address);
    // The last one stands where the first one stood.
    expect(await pool.approvalsOf(ID)).to.deep.equal([
      people.underwriter.address,
      people.secondApprover.address,
    ]);
    for (const person of ["secondApprover", "underwriter"] as const) {
      await as(people[person], pool).withdrawApproval(ID);
    }
    expect(await pool.approvalsOf(ID)).to.deep.equal([]);
  });

  it("is used up by the loan (INV-75)", async () => {
    const world = await load(fundedInstitution);
    const { loanId } = await fund(world);
    expect(await world.pool.approvalsOf(loanId)).to.deep.equal([]);
  });

  it("has three places; who lost the role makes room in one", async () => {
    const world = await load(fundedInstitution);
    const { pool, people, manager } = world;
    for (const person of ["approver", "secondApprover", "underwriter"] as const)
      await approveAs(person, world, ID);
    await govern(world, manager, "grantRole", [roles.underwriter, people.cashier.address, 0]);
    await expect(approveAs("cashier", world, ID))
      .to.be.revertedWithCustomError(pool, "LendingPoolLimit")
      .withArgs("approvals", 4, 3);
    await govern(world, manager, "revokeRole", [roles.underwriter, people.secondApprover.address]);
    await approveAs("cashier", world, ID);
    expect(await pool.approvalsOf(ID)).to.deep.equal([
      people.approver.address,
      people.cashier.address,
      people.underwriter.address,
    ]);
  });

  it("may be one of three when two are needed", async () => {
    const world = await loadStrict();
    const { people } = world;
    await govern(world, world.manager, "grantRole", [roles.underwriter, people.cashier.address, 0]);
    const agreement = await draftFromPool(world);
    const approvers = [people.approver, people.secondApprover, people.cashier];
    await fundAgreement(world, agreement, { approvers });
  });
});

function approveAs(person: Person, { people, pool }: World, id: string) {
  return as(people[person], pool).approveLoan(id);
}

async function originateAs(person: Person, world: World, agreement: Agreement) {
  const signature = await sign(world, "borrower", agreement, world.people.borrower);
  return await as(world.people[person], world.pool).originate(agreement, signature);
}
