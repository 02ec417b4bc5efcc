import type {
  accessManagerAbi,
  kycRegistryAbi,
  lendingPoolAbi,
  loanBookAbi,
  originationAbi,
  testDollarAbi,
} from "../../../chain/abi.ts";
import { type AgreementDomain, agreementDomain } from "../../../lending/agreement.ts";
import { GOVERNOR_DELAY_S, roles } from "../../../scripts/deploy/module.ts";
import { as, type Bound, deploy, ethers, networkHelpers, type Signer } from "./chain.ts";

export type LoanBook = Bound<typeof loanBookAbi>;
export type LendingPool = Bound<typeof lendingPoolAbi>;
export type KycRegistry = Bound<typeof kycRegistryAbi>;
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
] as const;

export type Person = (typeof CAST)[number];

/** Base units of the test dollar (6 decimals) in a cent. */
export const UNIT = 10_000n;

/** East African Time, in seconds. */
export const UTC_OFFSET = 3 * 3600;

/** The institution as `scripts/deploy/module.ts` leaves it, and the people around it. */
export interface World {
  people: Record<Person, Signer>;
  manager: AccessManager;
  origination: Bound<typeof originationAbi>;
  book: LoanBook;
  pool: LendingPool;
  registry: KycRegistry;
  dollar: TestDollar;
  domain: AgreementDomain;
}

/** Fixture: everything deployed, roles handed over, a lender with an allowance, a borrower with cash, an empty pool. */
export async function institution(): Promise<World> {
  const people = await cast();
  const manager = await deploy<typeof accessManagerAbi>("AccessManager", [people.deployer.address]);
  const origination = await deploy<typeof originationAbi>("Origination", []);
  const libraries = { Origination: await origination.getAddress() };
  const book = await deploy<typeof loanBookAbi>("LoanBook", [await manager.getAddress()], libraries);
  const dollar = await deploy<typeof testDollarAbi>("TestDollar", []);
  const pool = await deployPool(manager, book, dollar);
  const registry = await deploy<typeof kycRegistryAbi>("KycRegistry", [await manager.getAddress()]);
  await book.setCurrency(await dollar.getAddress(), true);
  await book.registerPool(await pool.getAddress());
  const { chainId } = await ethers.provider.getNetwork();
  const address = (await book.getAddress()) as `0x${string}`;
  const world = {
    people,
    manager,
    origination,
    book,
    pool,
    registry,
    dollar,
    domain: agreementDomain(Number(chainId), address),
  };
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

export function load(fixture: () => Promise<World>): Promise<World> {
  return networkHelpers.loadFixture(fixture);
}

export async function deployPool(
  manager: AccessManager,
  book: LoanBook,
  asset: { getAddress(): Promise<string> },
  utcOffset = UTC_OFFSET,
): Promise<LendingPool> {
  const addresses = await Promise.all([manager, book, asset].map((contract) => contract.getAddress()));
  return await deploy<typeof lendingPoolAbi>("LendingPool", [...addresses, utcOffset, "Ahadi Pool", "aTUSD"]);
}

/** Decides as governor: schedules, lets the delay pass, and calls. Returns the transaction. */
export async function govern(
  world: World,
  target: LoanBook | LendingPool | KycRegistry | AccessManager,
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

async function cast(): Promise<Record<Person, Signer>> {
  const signers = await ethers.getSigners();
  return Object.fromEntries(CAST.map((person, index) => [person, signers[index]])) as Record<Person, Signer>;
}

/** The same rules as the deployment's handover, in the same order. */
async function handOver({ people, manager, book, pool, registry }: World): Promise<void> {
  const [bookAddress, poolAddress] = [await book.getAddress(), await pool.getAddress()];
  const registryAddress = await registry.getAddress();
  const selector = (contract: LoanBook | LendingPool | KycRegistry, name: string) =>
    contract.getFunction(name).fragment.selector;
  const kyc = (...names: string[]) => names.map((name) => selector(registry, name));
  await manager.setTargetFunctionRole(poolAddress, [selector(pool, "originate")], roles.underwriter);
  await manager.setTargetFunctionRole(bookAddress, [selector(book, "pause")], roles.guardian);
  await manager.setTargetFunctionRole(poolAddress, [selector(pool, "pause")], roles.guardian);
  const issue = kyc("anchor", "revoke", "revokeMany");
  await manager.setTargetFunctionRole(registryAddress, issue, roles.kycIssuer);
  const comply = kyc("blockAccounts", "requestUnblock", "delistIssuer");
  await manager.setTargetFunctionRole(registryAddress, comply, roles.compliance);
  await manager.setTargetFunctionRole(registryAddress, kyc("unblock"), roles.supervisor);
  for (const role of [
    "underwriter",
    "supervisor",
    "guardian",
    "cashier",
    "kycIssuer",
    "compliance",
  ] as const) {
    await manager.grantRole(roles[role], people[role].address, 0);
  }
  await manager.setTargetAdminDelay(bookAddress, GOVERNOR_DELAY_S);
  await manager.setTargetAdminDelay(poolAddress, GOVERNOR_DELAY_S);
  await manager.setTargetAdminDelay(registryAddress, GOVERNOR_DELAY_S);
  await manager.grantRole(roles.governor, people.governor.address, GOVERNOR_DELAY_S);
  await manager.renounceRole(roles.governor, people.deployer.address);
}

async function fill({ people, book, pool, dollar }: World): Promise<void> {
  const [bookAddress, poolAddress] = [await book.getAddress(), await pool.getAddress()];
  for (const person of ["borrower", "lender", "depositor", "stranger"] as const) {
    await dollar.mint(people[person].address, 10n ** 30n);
    const spender = person === "depositor" ? poolAddress : bookAddress;
    await as(people[person], dollar).approve(spender, 10n ** 30n);
  }
}
