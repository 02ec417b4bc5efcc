import type pg from "pg";
import { type Address, type Hex, zeroAddress, zeroHash } from "viem";
import { kycRegistryAbi, walletRecoveryAbi } from "../../chain/abi.ts";
import type { StorageInput } from "./loans.ts";

interface KycRow extends pg.QueryResultRow {
  account: Address;
  issuer: Address | null;
  policy: string | null;
  commitment: Hex | null;
  valid_until_s: string | null;
  anchored_at_s: string | null;
  sequence: string;
  revoked: boolean;
  blocked: boolean;
  unblock_requested_by: Address | null;
  unblock_evidence: Hex | null;
}

interface RecoveryRow extends pg.QueryResultRow {
  account: Address;
  successor_now: Address;
  request_successor: Address | null;
  request_by: Address | null;
  request_evidence: Hex | null;
  approval_successor: Address | null;
  approval_requested_by: Address | null;
  approval_by: Address | null;
  approval_from_s: string | null;
  approval_until_s: string | null;
}

/** Compares what is known of every account that has or had anything to do with KYC or a lost wallet. Returns how many. */
export async function comparePeople(input: StorageInput): Promise<number> {
  const known = await compareKyc(input);
  await compareIssuers(input);
  return known + (await compareWallets(input));
}

async function compareKyc({ database, client, blockHash, contracts, findings }: StorageInput) {
  const { rows } = await database.query<KycRow>(
    `select chain.hex(account) as account, chain.hex(issuer) as issuer, policy, chain.hex(commitment) as commitment,
       valid_until_s, anchored_at_s, sequence, revoked, blocked, chain.hex(unblock_requested_by) as unblock_requested_by,
       chain.hex(unblock_evidence) as unblock_evidence
     from chain.kyc_now order by account`,
  );
  const at = {
    address: contracts.kycRegistry,
    abi: kycRegistryAbi,
    blockHash,
    requireCanonical: true,
  } as const;
  for (const row of rows) {
    const args = [row.account] as const;
    const [record, [requestedBy, evidence]] = await Promise.all([
      client.readContract({ ...at, functionName: "recordOf", args }),
      client.readContract({ ...at, functionName: "unblockRequestOf", args }),
    ]);
    const same = (field: string, mirror: string | boolean | null, chain: string | number | boolean): void =>
      findings.compare("account", row.account, field, mirror, chain);
    same("issuer", row.issuer ?? zeroAddress, record.issuer);
    same("policy", row.policy ?? "0", record.policy);
    same("commitment", row.commitment ?? zeroHash, record.commitment);
    same("validUntil", row.valid_until_s ?? "0", record.validUntil);
    same("anchoredAt", row.anchored_at_s ?? "0", record.anchoredAt);
    same("sequence", row.sequence, record.sequence);
    same("revoked", row.revoked, record.revoked);
    same("blocked", row.blocked, record.blocked);
    same("unblockRequest.by", row.unblock_requested_by ?? zeroAddress, requestedBy);
    same("unblockRequest.evidence", row.unblock_evidence ?? zeroHash, evidence);
  }
  return rows.length;
}

async function compareIssuers({ database, client, blockHash, contracts, findings }: StorageInput) {
  const { rows } = await database.query<{ issuer: Address; delisted: boolean }>(
    `select distinct on (issuer) chain.hex(issuer) as issuer, delisted
     from chain.issuer_listing order by issuer, block_number desc, log_index desc`,
  );
  for (const { issuer, delisted } of rows) {
    const stored = await client.readContract({
      ...{ address: contracts.kycRegistry, abi: kycRegistryAbi, blockHash, requireCanonical: true },
      functionName: "isDelisted",
      args: [issuer],
    });
    findings.compare("issuer", issuer, "delisted", delisted, stored);
  }
}

async function compareWallets({ database, client, blockHash, contracts, findings }: StorageInput) {
  const { rows } = await database.query<RecoveryRow>(
    `select chain.hex(k.account) as account, chain.hex(chain.current_of(k.account)) as successor_now,
       chain.hex(q.successor) as request_successor, chain.hex(q.requested_by) as request_by,
       chain.hex(q.evidence) as request_evidence,
       chain.hex(a.successor) as approval_successor, chain.hex(a.requested_by) as approval_requested_by,
       chain.hex(a.approved_by) as approval_by, a.from_s as approval_from_s, a.until_s as approval_until_s
     from (select distinct account from chain.recovery_step) k
     left join chain.recovery_request_now q on q.account = k.account
     left join chain.recovery_approval_now a on a.account = k.account
     order by k.account`,
  );
  const at = {
    address: contracts.walletRecovery,
    abi: walletRecoveryAbi,
    blockHash,
    requireCanonical: true,
  } as const;
  for (const row of rows) {
    const args = [row.account] as const;
    const [current, request, approval] = await Promise.all([
      client.readContract({ ...at, functionName: "currentOf", args }),
      client.readContract({ ...at, functionName: "requestOf", args }),
      client.readContract({ ...at, functionName: "approvalOf", args }),
    ]);
    const same = (field: string, mirror: string | null, chain: string | number): void =>
      findings.compare("wallet", row.account, field, mirror, chain);
    same("currentOf", row.successor_now, current);
    same("request.successor", row.request_successor ?? zeroAddress, request[0]);
    same("request.requestedBy", row.request_by ?? zeroAddress, request[1]);
    same("request.evidence", row.request_evidence ?? zeroHash, request[2]);
    same("approval.successor", row.approval_successor ?? zeroAddress, approval[0]);
    same("approval.requestedBy", row.approval_requested_by ?? zeroAddress, approval[1]);
    same("approval.approvedBy", row.approval_by ?? zeroAddress, approval[2]);
    same("approval.from", row.approval_from_s ?? "0", approval[3]);
    same("approval.until", row.approval_until_s ?? "0", approval[4]);
  }
  return rows.length;
}
