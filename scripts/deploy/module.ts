import { type ArgumentType, buildModule } from "@nomicfoundation/ignition-core";
import { type Abi, type AbiFunction, getAbiItem, toFunctionSelector } from "viem";
import { kycRegistryAbi, lendingPoolAbi, loanBookAbi } from "../../chain/abi.ts";

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

/** The institution on a chain that has a currency: access manager, loan book, one pool, KYC registry. */
export const ahadi = buildModule(MODULE_ID, (m) => institution(m, m.getParameter<string>("currency")));

/** The institution on a local chain, with a test dollar that anybody may mint. */
export const ahadiLocal = buildModule(MODULE_ID, (m) => {
  const TestDollar = m.contract("TestDollar");
  return { ...institution(m, TestDollar), TestDollar };
});

type Builder = Parameters<Parameters<typeof buildModule>[1]>[0];
/** The deployer sets everything up and then gives its right away, in one transaction: nobody sees it half done. */
function institution(m: Builder, currency: ArgumentType) {
  const AccessManager = m.contract("AccessManager", [m.getAccount(0)]);
  const Origination = m.library("Origination");
  const LoanBook = m.contract("LoanBook", [AccessManager], { libraries: { Origination } });
  const LendingPool = m.contract("LendingPool", [
    AccessManager,
    LoanBook,
    currency,
    m.getParameter<number>("utcOffset"),
    m.getParameter<string>("poolName"),
    m.getParameter<string>("poolSymbol"),
  ]);
  const KycRegistry = m.contract("KycRegistry", [AccessManager]);
  const allowed = m.call(LoanBook, "setCurrency", [currency, true]);
  const registered = m.call(LoanBook, "registerPool", [LendingPool], { after: [allowed] });

  const pause = [selector(loanBookAbi, "pause")];
  const originate = [selector(lendingPoolAbi, "originate")];
  const kyc = (...names: string[]) => names.map((name) => selector(kycRegistryAbi, name));
  const issue = kyc("anchor", "revoke", "revokeMany");
  const comply = kyc("blockAccounts", "requestUnblock", "delistIssuer");
  const rules = [
    ["setTargetFunctionRole", [LendingPool, originate, roles.underwriter]],
    ["setTargetFunctionRole", [LoanBook, pause, roles.guardian]],
    ["setTargetFunctionRole", [LendingPool, pause, roles.guardian]],
    ["setTargetFunctionRole", [KycRegistry, issue, roles.kycIssuer]],
    ["setTargetFunctionRole", [KycRegistry, comply, roles.compliance]],
    ["setTargetFunctionRole", [KycRegistry, kyc("unblock"), roles.supervisor]],
    ...Object.entries(roles).map(([name, role]) => ["labelRole", [role, name]] as const),
    ["grantRole", [roles.underwriter, m.getParameter<string>("underwriter"), 0]],
    ["grantRole", [roles.supervisor, m.getParameter<string>("supervisor"), 0]],
    ["grantRole", [roles.guardian, m.getParameter<string>("guardian"), 0]],
    ["grantRole", [roles.kycIssuer, m.getParameter<string>("kycIssuer"), 0]],
    ["grantRole", [roles.compliance, m.getParameter<string>("compliance"), 0]],
    ["setTargetAdminDelay", [LoanBook, GOVERNOR_DELAY_S]],
    ["setTargetAdminDelay", [LendingPool, GOVERNOR_DELAY_S]],
    ["setTargetAdminDelay", [KycRegistry, GOVERNOR_DELAY_S]],
    ["grantRole", [roles.governor, m.getParameter<string>("governor"), GOVERNOR_DELAY_S]],
    ["renounceRole", [roles.governor, m.getAccount(0)]],
  ] as const;
  const calls = rules
    .filter(([name, args]) => name !== "labelRole" || args[0] !== roles.governor)
    .map(([name, args], index) =>
      m.encodeFunctionCall(AccessManager, name, [...args], { id: `Rule${index}` }),
    );
  m.call(AccessManager, "multicall", [calls], { id: "Handover", after: [registered] });
  return { AccessManager, Origination, LoanBook, LendingPool, KycRegistry };
}

function selector(abi: Abi, name: string): string {
  return toFunctionSelector(getAbiItem({ abi, name }) as AbiFunction);
}
