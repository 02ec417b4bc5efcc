import type { Address, Hex, TransactionReceipt } from "viem";
import { kycRegistryAbi } from "./abi.ts";
import { chainTime, type Sender } from "./send.ts";

/** What an issuer states about an account. */
export interface Statement {
  account: Address;
  policy: number;
  /** Keyed commitment to her private credential: see `IKycRegistry.sol`. */
  commitment: Hex;
  validForS: bigint;
}

/**
 * The issuer, who is the sender, states that `account` has passed KYC, in place of what stood for her.
 * Throws AhadiError `refused` with the contract's error.
 */
export async function anchorCredential(
  sender: Sender,
  registry: Address,
  { account, policy, commitment, validForS }: Statement,
): Promise<TransactionReceipt> {
  const at = { address: registry, abi: kycRegistryAbi } as const;
  const { sequence } = await sender.client.readContract({ ...at, functionName: "recordOf", args: [account] });
  const credential = {
    account,
    policy,
    commitment,
    validUntil: Number((await chainTime(sender.client)) + validForS),
    sequence: sequence + 1,
    issuer: sender.account.address,
  };
  return await sender.send({ ...at, functionName: "anchor", args: [credential, "0x"] });
}

export async function isEligible(
  { client }: Pick<Sender, "client">,
  registry: Address,
  account: Address,
  policy: number,
): Promise<boolean> {
  return await client.readContract({
    address: registry,
    abi: kycRegistryAbi,
    functionName: "isEligible",
    args: [account, policy],
  });
}
