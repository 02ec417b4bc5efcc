import type {
  accessManagerAbi,
  kycRegistryAbi,
  lendingPoolAbi,
  loanBookAbi,
  testDollarAbi,
  walletRecoveryAbi,
} from "../../../chain/abi.ts";
import { type AgreementDomain, agreementDomain } from "../../../lending/agreement.ts";
import { GOVERNOR_DELAY_S, roles } from "../../../scripts/deploy/module.ts";
import { as, type Bound, deploy, deployLinked, ethers, networkHelpers, type Signer } from "./chain.ts";

export type LoanBook = Bound<typeof loanBookAbi>;
export type LendingPool = Bound<typeof lendingPoolAbi>;
export type KycRegistry = Bound<typeof kycRegistryAbi>;
export type WalletRecovery = Bound<typeof walletRecoveryAbi>;
export type TestDollar = Bound<typeof testDollarAbi>;
export type AccessManager = Bound<typeof accessManagerAbi>;

const CAST = [
  "deployer",
  "governor",
  "underwriter",
  "supervisor",
  "guardian",
  "cashier",
  "kycIssuer",
  "compliance",
  "borrower",
  "lender",
  "depositor",
  "stranger",
  "approver",
  "secondApprover",
] as const;

export type Person = (typeof CAST)[number];

/** Base units of the test dollar (6 decimals) in a cent. */
export const UNIT = 10_000n;

/** East African Time, in seconds. */
export const UTC_OFFSET = 3 * 3600;

/** The set of KYC rules that the pool asks for. */
export const KYC_POLICY = 1;

/** Where seed deposits go: nobody has the key. */
export const NOBODY = "0x000000000000000000000000000000000000dEaD";

/** As `PoolRules` in ILendingPool.sol. */
export const poolRules = {
  utcOffset: UTC_OFFSET,
  nonAccrualDays: 30n,
  managementFeeBps: 1_000n,
  writeOffDays: 180n,
  coverFloorBps: 0n,
  kycPolicy: BigInt(KYC_POLICY),
  minRedemption: 100n * UNIT,
  ageing: [
    { moreThanDays: 0n, provisionBps: 0n },
    { moreThanDays: 30n, provisionBps: 1_000n },
    { moreThanDays: 60n, provisionBps: 5_000n },
    { moreThanDays: 90n, provisionBps: 10_000n },
  ],
};

/** As `LendingLimits` in ILendingPool.sol: wide enough for tests that are about something else. */
export const limits = {
  oneApprovalUpTo: 10n ** 24n,
  maxPrincipal: 10n ** 24n,
  maxPerBorrower: 10n ** 26n,
  maxOutstanding: 10n ** 28n,
  rateCapacity: 10n ** 28n,
  rateWindow: 86_400n,
  maxTermDays: 3_660n,
  maxCostBps: 100_000n,
};

/** The institution as `scripts/deploy/module.ts` leaves it, and the people around it. */
export interface World {
  people: Record<Person, Signer>;
  manager: AccessManager;
  book: LoanBook;
  pool: LendingPool;
  registry: KycRegistry;
  wallets: WalletRecovery;
  dollar: TestDollar;
  domain: AgreementDomain;
}

/** Fixture: everything deployed, roles handed over, a lender with an allowance, a borrower with cash, an empty pool. */
export async function institution(): Promise<World> {
  const people = await cast();
  const manager = await deploy<typeof accessManagerAbi>("AccessManager", [people.deployer.address]);
  const authority = await manager.getAddress();
  const wallets = await deploy<typeof walletRecoveryAbi>("WalletRecovery", [authority]);
  const metadata = await ethers.deployContract("LoanMetadata");
  const registry = await deploy<typeof kycRegistryAbi>("KycRegistry", [authority]);
  const book = await deployLinked<typeof loanBookAbi>("LoanBook", [authority, wallets, metadata]);
  const dollar = await deploy<typeof testDollarAbi>("TestDollar", []);
  await book.setCurrency(await dollar.getAddress(), true);
  const pool = await deployPool({ manager, book, registry, dollar });
  await book.registerPool(await pool.getAddress());
  await pool.setLimits(limits);
  const { chainId } = await ethers.provider.getNetwork();
  const address = (await book.getAddress()) as `0x${string}`;
  const domain = agreementDomain(Number(chainId), address);
  const world = { people, manager, book, pool, registry, wallets, dollar, domain };
  await handOver(world);
  await fill(world);
  return world;
}

/** Fixture: as `institution`, and a depositor has put 1,000,000.00 into the pool. */
export async function fundedInstitution(): Promise<World> {
  const world = await institution();
  const { depositor } = world.people;
  await as(depositor, world.pool).deposit(100_000_000n * UNIT, depositor.address);
  return world;
}

/** Fixture: as `institution`, with a borrower of whom the registry knows nothing. */
export async function beforeKyc(): Promise<World> {
  const world = await institution();
  const borrower = (await ethers.getSigners())[CAST.length];
  if (borrower === undefined) throw new Error("the chain has no further account");
  return { ...world, people: { ...world.people, borrower } };
}

export function load(fixture: () => Promise<World>): Promise<World> {
  return networkHelpers.loadFixture(fixture);
}

/** A pool of the same institution, by `changes` of the usual rules. Not registered, without limits. */
export async function deployPool(
  {
    manager,
    book,
    registry,
    dollar,
  }: Pick<World, "manager" | "book" | "registry"> & { dollar: { getAddress(): Promise<string> } },
  changes: Partial<typeof poolRules> = {},
): Promise<LendingPool> {
  const rules = { ...poolRules, ...changes };
  const args = [manager, book, registry, dollar, rules, "Ahadi Pool", "aTUSD"];
  return await deployLinked<typeof lendingPoolAbi>("LendingPool", args);
}

/** Decides as governor: schedules, lets the delay pass, and calls. Returns the transaction. */
export async function govern(
  world: World,
  target: LoanBook | LendingPool | KycRegistry | WalletRecovery | AccessManager,
  name: string,
  args: unknown[],
) {
  const { governor } = world.people;
  const data = target.interface.encodeFunctionData(name, args);
  await as(governor, world.manager).schedule(await target.getAddress(), data, 0);
  await networkHelpers.time.increase(GOVERNOR_DELAY_S);
  return await as(governor, target)
    .getFunction(name)
    .send(...args);
}

/** The borrower lost her key: two people agree, and after the delay `successor` takes over from her. */
export async function moveBorrower({ people, wallets }: World, successor: Signer): Promise<void> {
  const account = people.borrower.address;
  const evidence = ethers.id("case file");
  await as(people.supervisor, wallets).requestRecovery(account, successor.address, evidence);
  await as(people.compliance, wallets).approveRecovery(account, successor.address, evidence);
  await networkHelpers.time.increase(await wallets.DELAY());
  await as(successor, wallets).acceptRecovery(account);
}

async function cast(): Promise<Record<Person, Signer>> {
  const signers = await ethers.getSigners();
  return Object.fromEntries(CAST.map((person, index) => [person, signers[index]])) as Record<Person, Signer>;
}

/** The same rules as the deployment's handover, in the same order. */
async function handOver({ people, manager, book, pool, registry, wallets }: World): Promise<void> {
  const allow = async (
    target: LoanBook | LendingPool | KycRegistry | WalletRecovery,
    role: bigint,
    names: string[],
  ) => {
    const selectors = names.map((name) => target.getFunction(name).fragment.selector);
    await manager.setTargetFunctionRole(await target.getAddress(), selectors, role);
  };
  await allow(pool, roles.underwriter, ["originate", "approveLoan", "restructure"]);
  await allow(pool, roles.supervisor, ["writeOff", "sellNote", "depositCover"]);
  await allow(book, roles.guardian, ["pause"]);
  await allow(pool, roles.guardian, ["pause"]);
  await allow(registry, roles.kycIssuer, ["anchor", "revoke", "revokeMany"]);
  await allow(registry, roles.compliance, ["blockAccounts", "requestUnblock", "delistIssuer"]);
  await allow(registry, roles.supervisor, ["unblock"]);
  await allow(wallets, roles.supervisor, ["requestRecovery"]);
  await allow(wallets, roles.compliance, ["approveRecovery"]);
  const holders = ["underwriter", "supervisor", "guardian", "cashier", "kycIssuer", "compliance"] as const;
  for (const role of holders) await manager.grantRole(roles[role], people[role].address, 0);
  for (const person of ["approver", "secondApprover"] as const) {
    await manager.grantRole(roles.underwriter, people[person].address, 0);
  }
  for (const target of [book, pool, registry, wallets]) {
    await manager.setTargetAdminDelay(await target.getAddress(), GOVERNOR_DELAY_S);
  }
  await manager.grantRole(roles.governor, people.governor.address, GOVERNOR_DELAY_S);
  await manager.renounceRole(roles.governor, people.deployer.address);
}

/** Who pays into the pool; everybody else pays LoanBook. */
const POOL_PAYERS: ReadonlySet<Person> = new Set(["depositor", "deployer", "supervisor"]);

/** Money and allowances for everybody, KYC for the borrower, and the pool's seed. */
async function fill({ people, book, pool, registry, dollar }: World): Promise<void> {
  const [bookAddress, poolAddress] = [await book.getAddress(), await pool.getAddress()];
  for (const person of ["borrower", "lender", "depositor", "stranger", "deployer", "supervisor"] as const) {
    await dollar.mint(people[person].address, 10n ** 30n);
    const spender = POOL_PAYERS.has(person) ? poolAddress : bookAddress;
    await as(people[person], dollar).approve(spender, 10n ** 30n);
  }
  await anchor({ people, registry }, people.borrower.address);
  await as(people.deployer, pool).deposit(100n * UNIT, NOBODY);
}

/** KYC for `account`, as long as the registry allows. */
export async function anchor(
  { people, registry }: Pick<World, "people" | "registry">,
  account: string,
): Promise<void> {
  const { time } = networkHelpers;
  const { sequence } = await registry.recordOf(account);
  const credential = {
    account,
    policy: KYC_POLICY,
    commitment: ethers.id(`credential of ${account}`),
    validUntil: BigInt(await time.latest()) + (await registry.MAX_VALIDITY()),
    sequence: sequence + 1n,
    issuer: people.kycIssuer.address,
  };
  await as(people.kycIssuer, registry).anchor(credential, "0x");
}
