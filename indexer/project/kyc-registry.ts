import type { KnownEvent } from "../decode/decode.ts";
import type { Facts, Proof } from "./tables.ts";

type KycRegistryEvent = Extract<KnownEvent, { contract: "KycRegistry" }>;

const BLOCK_KINDS = {
  AccountBlocked: "blocked",
  UnblockRequested: "unblock_requested",
  AccountUnblocked: "unblocked",
} as const;

/** Facts of KycRegistry. Events without a case stand in the journal alone. */
export function projectKycRegistry(event: KycRegistryEvent, proof: Proof, facts: Facts): void {
  switch (event.eventName) {
    case "CredentialAnchored": {
      const { account, issuer, policy, commitment, validUntil, sequence } = event.args;
      const numbers = {
        policy: BigInt(policy),
        valid_until_s: BigInt(validUntil),
        sequence: BigInt(sequence),
      };
      facts.credential.push({ account, issuer, commitment, ...numbers, ...proof });
      break;
    }
    case "CredentialRevoked": {
      const { account, by, sequence } = event.args;
      facts.revocation.push({ account, by_address: by, sequence: BigInt(sequence), ...proof });
      break;
    }
    case "AccountBlocked":
    case "UnblockRequested":
    case "AccountUnblocked": {
      const { account, by, evidence } = event.args;
      const kind = BLOCK_KINDS[event.eventName];
      facts.account_block.push({ account, kind, by_address: by, evidence, ...proof });
      break;
    }
    case "IssuerDelisted":
    case "IssuerRelisted": {
      const delisted = event.eventName === "IssuerDelisted";
      facts.issuer_listing.push({ issuer: event.args.issuer, delisted, by_address: event.args.by, ...proof });
      break;
    }
  }
}
