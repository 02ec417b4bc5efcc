import { expect } from "chai";
import { type ParamType, ZeroAddress, ZeroHash } from "ethers";
import { GOVERNOR_DELAY_S, roles } from "../../scripts/deploy/module.ts";
import { accountOf, as, networkHelpers, type Signer } from "./support/chain.ts";
import { draft } from "./support/loans.ts";
import {
  fundedInstitution,
  govern,
  type KycRegistry,
  type LendingPool,
  type LoanBook,
  load,
  type Person,
  type WalletRecovery,
  type World,
} from "./support/world.ts";

/** Who may call a function: everybody, those with a role, or only a contract (the manager, the book). */
type Right =
  | "everybody"
  | "governor"
  | "guardian"
  | "underwriter"
  | "supervisor"
  | "kycIssuer"
  | "compliance"
  | "manager"
  | "book";

const LOAN_BOOK: Record<string, Right> = {
  originate: "everybody",
  activate: "everybody",
  cancel: "everybody",
  returnLoan: "everybody",
  repay: "everybody",
  repayWithPermit: "everybody",
  repayWithAuthorization: "everybody",
  repayMany: "everybody",
  repayRow: "book",
  // Whose consent each of these three needs is for the book to say, loan by loan: see their own tests.
  reverse: "everybody",
  restructure: "everybody",
  writeOff: "everybody",
  collectHeld: "everybody",
  withdrawConsent: "everybody",
  setCurrency: "governor",
  registerPool: "governor",
  setRecorder: "governor",
  pause: "guardian",
  unpause: "governor",
  setAuthority: "manager",
  approve: "everybody",
  setApprovalForAll: "everybody",
  transferFrom: "everybody",
  "safeTransferFrom(address,address,uint256)": "everybody",
  "safeTransferFrom(address,address,uint256,bytes)": "everybody",
};

const LENDING_POOL: Record<string, Right> = {
  originate: "underwriter",
  approveLoan: "underwriter",
  restructure: "underwriter",
  withdrawApproval: "everybody",
  cancelIneligible: "everybody",
  // A supervisor early, everybody late: see the pool's own tests.
  writeOff: "everybody",
  sellNote: "supervisor",
  buyNote: "everybody",
  onActivated: "book",
  onCancelled: "book",
  onRepaid: "book",
  onReturned: "book",
  onReversed: "book",
  collectHeldCash: "everybody",
  depositCover: "supervisor",
  withdrawCover: "governor",
  collectFees: "governor",
  setLimits: "governor",
  adoptLoanBook: "governor",
  roll: "everybody",
  pause: "guardian",
  unpause: "governor",
  setAuthority: "manager",
  deposit: "everybody",
  depositWithMin: "everybody",
  mint: "everybody",
  mintWithMax: "everybody",
  requestRedeem: "everybody",
  fulfilRedemptions: "everybody",
  redeemNow: "everybody",
  setOperator: "everybody",
  withdraw: "everybody",
  redeem: "everybody",
  approve: "everybody",
  transfer: "everybody",
  transferFrom: "everybody",
};

const KYC_REGISTRY: Record<string, Right> = {
  // Anybody brings what an issuer has signed: kyc-registry.test.ts has whose signature counts.
  anchor: "everybody",
  anchorMany: "everybody",
  revoke: "kycIssuer",
  revokeMany: "kycIssuer",
  blockAccounts: "compliance",
  requestUnblock: "compliance",
  unblock: "supervisor",
  delistIssuer: "compliance",
  relistIssuer: "governor",
  setAuthority: "manager",
};

const WALLET_RECOVERY: Record<string, Right> = {
  requestRecovery: "supervisor",
  approveRecovery: "compliance",
  // By the old key and by the new one: see wallet-recovery.test.ts.
  vetoRecovery: "everybody",
  acceptRecovery: "everybody",
  setAuthority: "manager",
};

const CONTRACTS = { book: LOAN_BOOK, pool: LENDING_POOL, registry: KYC_REGISTRY, wallets: WALLET_RECOVERY };

/** Who holds each role in the fixture; three people lend. */
const HOLDERS: Partial<Record<Right, Person[]>> = {
  governor: ["governor"],
  guardian: ["guardian"],
  underwriter: ["underwriter", "approver", "secondApprover"],
  supervisor: ["supervisor"],
  kycIssuer: ["kycIssuer"],
  compliance: ["compliance"],
};

/** What says that only the book may call. */
const NOT_BOOK = ["LendingPoolNotLoanBook", "LoanBookOnlySelf"];

type Contract = keyof typeof CONTRACTS;
type Target = LoanBook | LendingPool | KycRegistry | WalletRecovery;

describe("The matrix of roles and functions", () => {
  for (const [contract, rights] of Object.entries(CONTRACTS) as [Contract, Record<string, Right>][]) {
    it(`names every function of the ${contract} that changes anything`, async () => {
      const world = await load(fundedInstitution);
      expect(changing(world[contract]).sort()).to.deep.equal(Object.keys(rights).sort());
    });

    for (const [name, right] of Object.entries(rights)) {
      it(`${contract}.${name}: ${right}`, async () => {
        const world = await load(fundedInstitution);
        for (const signer of await callers(world)) await checkRight(world, contract, name, right, signer);
      });
    }
  }

  it("lets the governor act only after the delay, and on nothing but what was announced", async () => {
    const world = await load(fundedInstitution);
    const { book, manager, people } = world;
    const governor = as(people.governor, book);
    const target = await book.getAddress();
    const data = book.interface.encodeFunctionData("unpause");
    await as(people.guardian, book).pause();
    await as(people.governor, manager).schedule(target, data, 0);
    await networkHelpers.time.increase(GOVERNOR_DELAY_S - 10);
    await expect(governor.unpause()).to.be.revertedWithCustomError(manager, "AccessManagerNotReady");
    await networkHelpers.time.increase(10);
    const other = governor.setCurrency(await world.dollar.getAddress(), false);
    await expect(other).to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled");
    await governor.unpause();
    await expect(governor.unpause()).to.be.revertedWithCustomError(manager, "AccessManagerNotScheduled");
  });

  it("lets the governor change the rules, allow and disallow currencies, and end a pause", async () => {
    const world = await load(fundedInstitution);
    const { book, pool, people } = world;
    const currency = await world.dollar.getAddress();
    await expect(govern(world, book, "setCurrency", [currency, false]))
      .to.emit(book, "CurrencyAllowed")
      .withArgs(currency, false, 6, "TUSD");
    expect(await book.isCurrencyAllowed(currency)).to.equal(false);
    for (const contract of [book, pool]) {
      await as(people.guardian, contract).pause();
      expect(await contract.paused()).to.equal(true);
      await govern(world, contract, "unpause", []);
      expect(await contract.paused()).to.equal(false);
    }
    await govern(world, world.manager, "revokeRole", [roles.guardian, people.guardian.address]);
    await expect(as(people.guardian, book).pause())
      .to.be.revertedWithCustomError(book, "AccessManagedUnauthorized")
      .withArgs(people.guardian.address);
  });

  it("lets nobody but the governor change the matrix itself", async () => {
    const world = await load(fundedInstitution);
    const { manager, pool, people } = world;
    const target = await pool.getAddress();
    for (const person of [
      ...(["deployer", "underwriter", "approver", "guardian", "supervisor"] as const),
      ...(["kycIssuer", "compliance", "stranger"] as const),
    ] as const) {
      const mine = as(people[person], manager);
      for (const attempt of [
        mine.grantRole(roles.governor, people[person].address, 0),
        mine.setTargetFunctionRole(target, [pool.getFunction("originate").fragment.selector], roles.guardian),
        mine.setTargetClosed(target, true),
        mine.updateAuthority(target, people[person].address),
      ]) {
        await expect(attempt).to.be.revertedWithCustomError(manager, "AccessManagerUnauthorizedAccount");
      }
      await expect(
        mine.execute(target, pool.interface.encodeFunctionData("unpause")),
      ).to.be.revertedWithCustomError(manager, "AccessManagerUnauthorizedCall");
    }
  });

  it("leaves repaying and collecting open even when the manager closes the book", async () => {
    const world = await load(fundedInstitution);
    const { book, manager, people } = world;
    await govern(world, manager, "setTargetClosed", [await book.getAddress(), true]);
    await expect(as(people.guardian, book).pause()).to.be.revertedWithCustomError(
      book,
      "AccessManagedUnauthorized",
    );
    await expect(as(people.borrower, book).repay(ZeroHash, 1n)).to.be.revertedWithCustomError(
      book,
      "LoanBookWrongState",
    );
  });
});

/** Names of the functions that can change something; with their types where a name stands for several. */
function changing(contract: Target): string[] {
  const all = contract.interface.fragments.filter((fragment) => fragment.type === "function");
  const names: string[] = [];
  contract.interface.forEachFunction((fragment) => {
    if (fragment.stateMutability === "view" || fragment.stateMutability === "pure") return;
    const overloaded = all.filter((other) => "name" in other && other.name === fragment.name).length > 1;
    names.push(overloaded ? fragment.format("sighash") : fragment.name);
  });
  return names;
}

/** Everybody with a role, everybody without, and the contracts themselves. */
async function callers({ people, ...world }: World): Promise<Signer[]> {
  const { book, pool, registry, wallets, manager, dollar } = world;
  const all = [book, pool, registry, wallets, manager, dollar];
  const contracts = await Promise.all(all.map((contract) => accountOf(contract)));
  return [...Object.values(people), ...contracts];
}

async function checkRight(
  world: World,
  contract: Contract,
  name: string,
  right: Right,
  signer: Signer,
): Promise<void> {
  const { people, book, pool, manager } = world;
  const target = world[contract];
  const call = target.getFunction(name);
  const args = await sampleArguments(world, call.fragment.inputs);
  const attempt = (as(signer, target) as Target).getFunction(name).staticCall(...args);
  const error = await attempt.then(
    () => undefined,
    (reason: { data?: string; message: string }) => reason,
  );
  const decoded = typeof error?.data === "string" ? target.interface.parseError(error.data)?.name : undefined;
  const label = `${contract}.${name} by ${signer.address}: ${decoded ?? error?.message ?? "success"}`;
  if (right === "book") {
    const allowed = signer.address === (await book.getAddress());
    expect(decoded !== undefined && NOT_BOOK.includes(decoded), label).to.equal(!allowed);
    return;
  }
  if (right === "governor" && signer.address === people.governor.address) {
    // Allowed, but never at once: the manager asks for the announcement.
    expect(error?.message ?? "", label).to.include("AccessManagerNotScheduled");
    return;
  }
  const holders = HOLDERS[right]?.map((person) => people[person].address) ?? [await manager.getAddress()];
  const allowed = right === "everybody" || holders.includes(signer.address);
  expect(decoded === "AccessManagedUnauthorized", label).to.equal(!allowed);
  expect(await pool.paused()).to.equal(false);
}

/** Arguments of the right types: what is refused for its content is refused after the question of rights. */
async function sampleArguments(world: World, inputs: readonly ParamType[]): Promise<unknown[]> {
  const agreement = await draft(world);
  return inputs.map((input) => (input.name === "agreement" ? agreement : sample(input)));
}

function sample(input: ParamType): unknown {
  if (input.isArray()) return [];
  if (input.isTuple()) return input.components.map(sample);
  if (input.type === "address") return ZeroAddress;
  if (input.type === "bool") return false;
  if (input.type === "bytes") return "0x";
  return input.type.startsWith("bytes") ? `0x${"00".repeat(Number(input.type.slice(5)))}` : 0n;
}
