import { zeroHash } from "viem";
import type { KnownEvent } from "../decode/decode.ts";
import type { Facts, Proof } from "./tables.ts";

type WalletRecoveryEvent = Extract<KnownEvent, { contract: "WalletRecovery" }>;

/** Facts of WalletRecovery. Events without a case stand in the journal alone. */
export function projectWalletRecovery(event: WalletRecoveryEvent, proof: Proof, facts: Facts): void {
  const none = { evidence: zeroHash, from_s: 0n, until_s: 0n };
  switch (event.eventName) {
    case "RecoveryRequested": {
      const { account, successor, by, evidence } = event.args;
      const step = { account, successor, kind: "requested", by_address: by };
      facts.recovery_step.push({ ...step, ...none, evidence, ...proof });
      break;
    }
    case "RecoveryApproved": {
      const { account, successor, by, from, until } = event.args;
      const step = { account, successor, kind: "approved", by_address: by };
      facts.recovery_step.push({ ...step, ...none, from_s: BigInt(from), until_s: BigInt(until), ...proof });
      break;
    }
    case "RecoveryVetoed": {
      const { account, successor } = event.args;
      const step = { account, successor, kind: "vetoed", by_address: account };
      facts.recovery_step.push({ ...step, ...none, ...proof });
      break;
    }
    case "AccountMoved": {
      const { account, successor, noLoanUntil } = event.args;
      const step = { account, successor, kind: "moved", by_address: successor };
      facts.recovery_step.push({ ...step, ...none, until_s: BigInt(noLoanUntil), ...proof });
      break;
    }
  }
}
