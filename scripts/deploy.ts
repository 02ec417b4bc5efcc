import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DeploymentResultType, deploy } from "@nomicfoundation/ignition-core";
import { type Address, isAddress, isAddressEqual, type LocalAccount, type PublicClient } from "viem";
import { z } from "zod";
import { testDollarAbi } from "../chain/abi.ts";
import { readArtifacts, readBuildInfo } from "../chain/artifacts.ts";
import { assertChain, connect, identify, LOCAL_CHAIN_ID } from "../chain/clients.ts";
import { type Deployment, hasDeployment, readDeployment } from "../chain/deployment.ts";
import { localSigner } from "../chain/operator.ts";
import { MAX_UTC_OFFSET_S } from "../lending/limits.ts";
import { AhadiError, describeError } from "../platform/errors.ts";
import { ahadiModule, MODULE_ID } from "./deploy/module.ts";
import { lendingLimits, poolRules, seedDeposit } from "./deploy/policy.ts";
import { signingProvider } from "./deploy/provider.ts";
import { writeRecord } from "./deploy/record.ts";

/** Who gets which role, and the pool. `currency` is left out on a local chain, where a test dollar is deployed. */
export interface Institution {
  governor: Address;
  /** Lets the pool lend what somebody else has approved. */
  underwriter: Address;
  /** The other underwriter, without whom no loan is made. */
  approver: Address;
  supervisor: Address;
  guardian: Address;
  kycIssuer: Address;
  compliance: Address;
  currency?: Address;
  /** Seconds east of Greenwich. */
  utcOffset: number;
  poolName: string;
  poolSymbol: string;
}

/** Decimals of the test dollar. */
const TEST_DECIMALS = 6;

/** Nairobi's offset: the demo institution keeps its days in East African Time. */
const LOCAL_UTC_OFFSET_S = 3 * 3600;

/**
 * Deploys with Hardhat Ignition into `dir`; a deployment that broke off goes on where it stopped.
 * Throws AhadiError `deploy_failed` with what Ignition says.
 */
export async function deployInstitution(input: {
  rpcUrl: string;
  dir: string;
  signer: LocalAccount;
  institution: Institution;
}): Promise<Deployment> {
  const { rpcUrl, dir, signer, institution } = input;
  const client = connect(rpcUrl);
  const { chainId, genesisHash } = await identify(client, rpcUrl);
  const { currency, utcOffset } = institution;
  const decimals =
    currency === undefined ? TEST_DECIMALS : await readCurrency(client, currency, signer.address);
  const artifacts = await readArtifacts();
  const result = await deploy({
    config: {
      blockPollingInterval: chainId === LOCAL_CHAIN_ID ? 20 : 1_000,
      requiredConfirmations: chainId === LOCAL_CHAIN_ID ? 1 : 5,
    },
    artifactResolver: {
      loadArtifact: async (name) => artifacts.get(name) as never,
      getBuildInfo: async (name) => (await readBuildInfo(artifacts.get(name)?.buildInfoId ?? name)) as never,
    },
    provider: signingProvider(rpcUrl, signer, chainId),
    deploymentDir: dir,
    ignitionModule: ahadiModule(artifacts, currency !== undefined),
    deploymentParameters: {
      [MODULE_ID]: {
        ...institution,
        rules: { ...poolRules(utcOffset, decimals) },
        limits: { ...lendingLimits(decimals) },
        seedDeposit: seedDeposit(decimals),
      },
    },
    accounts: [signer.address],
    defaultSender: signer.address,
  }).catch((cause: unknown) => {
    throw failed(dir, describeError(cause).message.replaceAll(rpcUrl, new URL(rpcUrl).origin), cause);
  });
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT) {
    throw failed(dir, explain(result));
  }
  return await writeRecord({ dir, rpcUrl, chainId, genesisHash });
}

/** Nodes put whole transactions into their errors: the beginning says what is wrong. */
function failed(dir: string, reason: string, cause?: unknown): AhadiError {
  const short = reason.length > 300 ? `${reason.slice(0, 300)}…` : reason;
  return new AhadiError("deploy_failed", `the deployment failed: ${short}`, {
    hint: `its journal is in ${dir}; run the command again to go on`,
    cause,
  });
}

/** Its decimals. LoanBook asks a currency for them and for its symbol; the deployer needs the seed deposit in it. */
async function readCurrency(client: PublicClient, currency: Address, deployer: Address): Promise<number> {
  const token = { address: currency, abi: testDollarAbi } as const;
  const [decimals, , balance] = await Promise.all([
    client.readContract({ ...token, functionName: "decimals" }),
    client.readContract({ ...token, functionName: "symbol" }),
    client.readContract({ ...token, functionName: "balanceOf", args: [deployer] }),
  ]).catch((cause: unknown) => {
    throw new AhadiError("config_invalid", `--currency ${currency} is not a token on this chain`, { cause });
  });
  const needed = seedDeposit(decimals);
  if (balance >= needed) return decimals;
  throw new AhadiError("config_invalid", `the deployer ${deployer} has ${balance} base units of --currency`, {
    hint: `it needs ${needed} for the pool's seed deposit, which nobody gets back`,
  });
}

/** The deployment of a local chain, made when it is missing. `fresh` says that it was made now. */
export async function ensureDeployed(input: {
  rpcUrl: string;
  stateDir: string;
}): Promise<{ deploymentDir: string; fresh: boolean }> {
  const deploymentDir = localDeploymentDir(input.stateDir);
  if (await hasDeployment(deploymentDir)) {
    await assertChain(connect(input.rpcUrl), await readDeployment(deploymentDir), input.rpcUrl);
    return { deploymentDir, fresh: false };
  }
  // Without its record a journal is of a deployment that broke off, perhaps on a chain that is gone: start anew.
  await rm(deploymentDir, { recursive: true, force: true });
  await deployInstitution({
    rpcUrl: input.rpcUrl,
    dir: deploymentDir,
    signer: localSigner("deployer", LOCAL_CHAIN_ID),
    institution: localInstitution(),
  });
  return { deploymentDir, fresh: true };
}

export function localDeploymentDir(stateDir: string): string {
  return join(stateDir, "deployments", String(LOCAL_CHAIN_ID));
}

function localInstitution(): Institution {
  const address = (role: Parameters<typeof localSigner>[0]) => localSigner(role, LOCAL_CHAIN_ID).address;
  return {
    governor: address("governor"),
    underwriter: address("underwriter"),
    approver: address("approver"),
    supervisor: address("supervisor"),
    guardian: address("guardian"),
    kycIssuer: address("kycIssuer"),
    compliance: address("compliance"),
    utcOffset: LOCAL_UTC_OFFSET_S,
    poolName: "Ahadi Demo Pool",
    poolSymbol: "aTUSD",
  };
}

const addressField = z.custom<Address>((value) => typeof value === "string" && isAddress(value), {
  error: "must be an address",
});

const institutionSchema = z.object({
  governor: addressField,
  underwriter: addressField,
  approver: addressField,
  supervisor: addressField,
  guardian: addressField,
  kycIssuer: addressField,
  compliance: addressField,
  currency: addressField,
  utcOffset: z.coerce
    .number({ error: "must be seconds, such as 10800" })
    .int()
    .min(-MAX_UTC_OFFSET_S)
    .max(MAX_UTC_OFFSET_S)
    .multipleOf(60, "must be whole minutes"),
  poolName: z.string({ error: "must be given" }).min(1).max(64),
  poolSymbol: z.string({ error: "must be given" }).min(1).max(16),
});

/**
 * The institution that a person describes with options. On a local chain what is left out is the demo's.
 * Throws AhadiError `config_invalid` that lists every wrong or missing option by name.
 */
export function parseInstitution(options: Record<string, unknown>, chainId: number): Institution {
  const local = chainId === LOCAL_CHAIN_ID;
  const schema = local ? institutionSchema.partial() : institutionSchema;
  const parsed = schema.safeParse(options);
  if (parsed.success) {
    const given = Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined));
    const institution = { ...(local ? localInstitution() : {}), ...given } as Institution;
    if (!isAddressEqual(institution.underwriter, institution.approver)) return institution;
    throw new AhadiError("config_invalid", "--approver must be somebody else than --underwriter", {
      hint: "a pool lends what one of them asks for and the other approves",
    });
  }
  const problems = parsed.error.issues.map(({ path, message }) => `--${kebab(String(path[0]))} ${message}`);
  throw new AhadiError("config_invalid", `the institution is incomplete: ${problems.join("; ")}`);
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function explain(result: {
  type: string;
  errors?: Record<string, string[]>;
  failed?: { futureId: string; error: string }[];
}): string {
  const errors = Object.entries(result.errors ?? {}).map(
    ([future, messages]) => `${future}: ${messages.join(", ")}`,
  );
  const failed = (result.failed ?? []).map(({ futureId, error }) => `${futureId}: ${error}`);
  return [...errors, ...failed].join("; ") || result.type;
}
