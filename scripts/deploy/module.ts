import {
  type ArgumentType,
  buildModule,
  type CallableContractFuture,
  type Future,
  type NamedArtifactLibraryDeploymentFuture,
} from "@nomicfoundation/ignition-core";
import { type Abi, type AbiFunction, getAbiItem, toFunctionSelector } from "viem";
import { kycRegistryAbi, lendingPoolAbi, loanBookAbi, walletRecoveryAbi } from "../../chain/abi.ts";
import { type CompiledContract, librariesOf } from "../../chain/artifacts.ts";

/** Roles of the one AccessManager; 0 is its own administrator. Numbers are part of a deployment: never reuse one. */
export const roles = {
  governor: 0n,
  underwriter: 1n,
  cashier: 2n,
  supervisor: 3n,
  kycIssuer: 4n,
  guardian: 5n,
  compliance: 6n,
} as const;

/** Seconds between a governor's decision and its effect, and between a change of the rules and the new rules. */
export const GOVERNOR_DELAY_S = 2 * 86_400;

export const MODULE_ID = "Ahadi";

/** How the module calls a currency that is on the chain already. */
export const CURRENCY_ID = "Currency";

/** Holds the shares of the seed deposit: nobody has the key. */
export const NOBODY = "0x000000000000000000000000000000000000dEaD";

type Builder = Parameters<Parameters<typeof buildModule>[1]>[0];
type Artifacts = ReadonlyMap<string, CompiledContract>;
type Contract = CallableContractFuture<string>;
type Library = NamedArtifactLibraryDeploymentFuture<string>;

/**
 * The institution: access manager, registry of who may borrow, wallet recovery, loan book, one pool. With
 * `hasCurrency` the pool lends the token that the parameter `currency` names, otherwise a test dollar that anybody may
 * mint.
 */
export function ahadiModule(artifacts: Artifacts, hasCurrency: boolean) {
  return buildModule(MODULE_ID, (m) => {
    if (hasCurrency) {
      const currency = m.contractAt("TestDollar", m.getParameter<string>("currency"), { id: CURRENCY_ID });
      return institution(m, artifacts, currency, []);
    }
    const TestDollar = m.contract("TestDollar");
    const minted = m.call(TestDollar, "mint", [m.getAccount(0), m.getParameter("seedDeposit")]);
    return { ...institution(m, artifacts, TestDollar, [minted]), TestDollar };
  });
}

/** The deployer sets everything up and then gives its right away, in one transaction: nobody sees it half done. */
function institution(m: Builder, artifacts: Artifacts, currency: Contract, funded: Future[]) {
  const libraries = linker(m, artifacts);
  const AccessManager = m.contract("AccessManager", [m.getAccount(0)]);
  const KycRegistry = m.contract("KycRegistry", [AccessManager]);
  const WalletRecovery = m.contract("WalletRecovery", [AccessManager]);
  const LoanMetadata = m.contract("LoanMetadata", [], { libraries: libraries("LoanMetadata") });
  const LoanBook = m.contract("LoanBook", [AccessManager, WalletRecovery, LoanMetadata], {
    libraries: libraries("LoanBook"),
  });
  const LendingPool = m.contract(
    "LendingPool",
    [
      ...[AccessManager, LoanBook, KycRegistry, currency, m.getParameter("rules")],
      ...[m.getParameter<string>("poolName"), m.getParameter<string>("poolSymbol")],
    ],
    { libraries: libraries("LendingPool") },
  );
  const allowed = m.call(LoanBook, "setCurrency", [currency, true]);
  const registered = m.call(LoanBook, "registerPool", [LendingPool], { after: [allowed] });
  // From its registration on a pool is mirrored, so whatever it tells comes after.
  const limited = m.call(LendingPool, "setLimits", [m.getParameter("limits")], { after: [registered] });
  const seedDeposit = m.getParameter("seedDeposit");
  const permitted = m.call(currency, "approve", [LendingPool, seedDeposit], { after: funded });
  // Shares that nobody can redeem: the price of all others never stands on a handful of them.
  const seeded = m.call(LendingPool, "deposit", [seedDeposit, NOBODY], { after: [limited, permitted] });

  const contracts = { AccessManager, KycRegistry, WalletRecovery, LoanMetadata, LoanBook, LendingPool };
  const calls = handover(m, contracts).map(([name, args], index) =>
    m.encodeFunctionCall(AccessManager, name, [...args], { id: `Rule${index}` }),
  );
  m.call(AccessManager, "multicall", [calls], { id: "Handover", after: [seeded] });
  return contracts;
}

type Rule = readonly [name: string, args: readonly ArgumentType[]];

type Targets = Record<"LoanBook" | "LendingPool" | "KycRegistry" | "WalletRecovery", Contract>;

/** Who may do what; what is not named here is the governor's. The deployer's own right goes last. */
function handover(m: Builder, { LoanBook, LendingPool, KycRegistry, WalletRecovery }: Targets): Rule[] {
  const allow = (target: Contract, abi: Abi, role: keyof typeof roles, ...names: string[]): Rule => [
    "setTargetFunctionRole",
    [target, names.map((name) => selector(abi, name)), roles[role]],
  ];
  const grant = (role: keyof typeof roles, holder: string = role): Rule => [
    "grantRole",
    [roles[role], m.getParameter<string>(holder), 0],
  ];
  const named = Object.entries(roles).filter(([name]) => name !== "governor");
  return [
    allow(LendingPool, lendingPoolAbi, "underwriter", "originate", "approveLoan", "restructure"),
    allow(LendingPool, lendingPoolAbi, "supervisor", "writeOff", "sellNote", "depositCover"),
    allow(LoanBook, loanBookAbi, "guardian", "pause"),
    allow(LendingPool, lendingPoolAbi, "guardian", "pause"),
    allow(KycRegistry, kycRegistryAbi, "kycIssuer", "anchor", "revoke", "revokeMany"),
    allow(KycRegistry, kycRegistryAbi, "compliance", "blockAccounts", "requestUnblock", "delistIssuer"),
    allow(KycRegistry, kycRegistryAbi, "supervisor", "unblock"),
    allow(WalletRecovery, walletRecoveryAbi, "supervisor", "requestRecovery"),
    allow(WalletRecovery, walletRecoveryAbi, "compliance", "approveRecovery"),
    ...named.map(([name, role]): Rule => ["labelRole", [role, name]]),
    // Two underwriters: whoever lends needs another one's approval.
    grant("underwriter"),
    grant("underwriter", "approver"),
    grant("supervisor"),
    grant("guardian"),
    grant("kycIssuer"),
    grant("compliance"),
    ...[LoanBook, LendingPool, KycRegistry, WalletRecovery].map(
      (target): Rule => ["setTargetAdminDelay", [target, GOVERNOR_DELAY_S]],
    ),
    ["grantRole", [roles.governor, m.getParameter<string>("governor"), GOVERNOR_DELAY_S]],
    ["renounceRole", [roles.governor, m.getAccount(0)]],
  ];
}

/** Deploys the libraries that an artifact names, each once, and those that they are linked with before them. */
function linker(m: Builder, artifacts: Artifacts) {
  const deployed = new Map<string, Library>();
  const librariesFor = (contract: string): Record<string, Library> => {
    const artifact = artifacts.get(contract);
    if (artifact === undefined) throw new Error(`${contract} was not compiled`);
    const entries = librariesOf(artifact).map((name) => {
      const library = deployed.get(name) ?? m.library(name, { libraries: librariesFor(name) });
      deployed.set(name, library);
      return [name, library] as const;
    });
    return Object.fromEntries(entries);
  };
  return librariesFor;
}

function selector(abi: Abi, name: string): string {
  return toFunctionSelector(getAbiItem({ abi, name }) as AbiFunction);
}
