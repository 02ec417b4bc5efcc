import { type Address, type Hex, isAddress, isHex } from "viem";
import { kycRegistryAbi, lendingPoolAbi } from "../../chain/abi.ts";
import { assertChain, connect, LOCAL_CHAIN_ID } from "../../chain/clients.ts";
import { readDeployment } from "../../chain/deployment.ts";
import { anchorCredential, isEligible } from "../../chain/kyc.ts";
import { freshSalt } from "../../chain/proposal.ts";
import { openSender } from "../../chain/send.ts";
import { AhadiError } from "../../platform/errors.ts";
import { chooseSigner, type SignerOptions } from "../signer.ts";
import { resolveTarget, type TargetOptions } from "../target.ts";

export interface KycOptions extends TargetOptions {
  account: string;
}

export interface AnchorOptions extends KycOptions, SignerOptions {
  policy?: string;
  days: string;
  commitment?: string;
}

const DAY_S = 86_400n;

/** The issuer, whose key signs, states that the account has passed KYC. */
export async function anchorAccount(options: AnchorOptions) {
  const account = accountOption(options.account);
  const days = wholeOption(options.days, "--days");
  const { target, client, deployment, policy: poolPolicy } = await openRegistry(options);
  const policy = options.policy === undefined ? poolPolicy : wholeOption(options.policy, "--policy");
  const commitment = commitmentOption(options.commitment, target.chainId);
  const signer = await chooseSigner(options, "kycIssuer", target.chainId);
  const sender = await openSender(target.rpcUrl, signer);
  const registry = deployment.contracts.KycRegistry.address;
  const statement = { account, policy, commitment, validForS: BigInt(days) * DAY_S };
  const receipt = await anchorCredential(sender, registry, statement);
  const { validUntil } = await client.readContract({
    address: registry,
    abi: kycRegistryAbi,
    functionName: "recordOf",
    args: [account],
  });
  return {
    account,
    policy,
    issuer: sender.account.address,
    valid_until: moment(validUntil),
    transaction_hash: receipt.transactionHash,
    block_number: receipt.blockNumber.toString(),
  };
}

/** What the contract says, not the mirror. */
export async function showAccount(options: KycOptions) {
  const account = accountOption(options.account);
  const { client, deployment, policy } = await openRegistry(options);
  const registry = deployment.contracts.KycRegistry.address;
  const [record, eligible] = await Promise.all([
    client.readContract({
      address: registry,
      abi: kycRegistryAbi,
      functionName: "recordOf",
      args: [account],
    }),
    isEligible({ client }, registry, account, policy),
  ]);
  return {
    account,
    policy,
    eligible,
    record: {
      policy: record.policy,
      issuer: record.issuer,
      commitment: record.commitment,
      anchored_at: moment(record.anchoredAt),
      valid_until: moment(record.validUntil),
      sequence: record.sequence,
      revoked: record.revoked,
      blocked: record.blocked,
    },
  };
}

/** The registry's chain, and the policy that the deployment's pool asks for. */
async function openRegistry(options: TargetOptions) {
  const target = await resolveTarget(options);
  const client = connect(target.rpcUrl);
  const deployment = await readDeployment(target.deploymentDir);
  await assertChain(client, deployment, target.rpcUrl);
  const { kycPolicy } = await client.readContract({
    address: deployment.contracts.LendingPool.address,
    abi: lendingPoolAbi,
    functionName: "rules",
  });
  return { target, client, deployment, policy: kycPolicy };
}

function accountOption(value: string): Address {
  if (isAddress(value)) return value;
  throw new AhadiError("config_invalid", `--account must be an address, not ${value}`);
}

function wholeOption(value: string, option: string): number {
  if (/^[1-9][0-9]{0,9}$/.test(value)) return Number(value);
  throw new AhadiError("config_invalid", `${option} must be a whole number above 0, not ${value}`);
}

/** On a local chain there need not be any credential: a random word stands for it. */
function commitmentOption(value: string | undefined, chainId: number): Hex {
  if (value === undefined && chainId === LOCAL_CHAIN_ID) return freshSalt();
  if (isHex(value) && value.length === 66) return value;
  throw new AhadiError("config_invalid", "--commitment must be 0x and 64 hexadecimal digits");
}

function moment(unixSeconds: number): string | null {
  return unixSeconds === 0 ? null : new Date(unixSeconds * 1000).toISOString();
}
