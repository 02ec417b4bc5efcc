import type pg from "pg";
import type { Address, Hash } from "viem";
import type { Deployment } from "../../chain/deployment.ts";
import { AhadiError } from "../../platform/errors.ts";
import { type Contracts, contractsOf } from "../source/pools.ts";
import type { Header } from "../source/types.ts";
import { bytes, insertHeaders } from "./headers.ts";
import { transaction } from "./writer.ts";

/** The block before the deployment: what the mirror begins from. No event is in it or before it. */
export function anchorNumber({ startBlock }: Deployment): bigint {
  return BigInt(Math.max(0, startBlock - 1));
}

interface PinRow extends pg.QueryResultRow {
  chain_id: string;
  genesis_hash: Hash;
  loan_book: Address;
  kyc_registry: Address;
  wallet_recovery: Address;
  start_block: string;
}

/** What a database mirrors. */
export interface Pin extends Contracts {
  chainId: number;
  genesisHash: Hash;
  startBlock: number;
}

/** Undefined for a new database. */
export async function readPin(client: pg.ClientBase): Promise<Pin | undefined> {
  const { rows } = await client.query<PinRow>(
    `select chain_id, chain.hex(genesis_hash) as genesis_hash, chain.hex(loan_book) as loan_book,
       chain.hex(kyc_registry) as kyc_registry, chain.hex(wallet_recovery) as wallet_recovery, start_block
     from chain.mirror`,
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    chainId: Number(row.chain_id),
    genesisHash: row.genesis_hash,
    loanBook: row.loan_book,
    kycRegistry: row.kyc_registry,
    walletRecovery: row.wallet_recovery,
    startBlock: Number(row.start_block),
  };
}

/** False for a new database. Throws AhadiError `mirror_of_another_chain`. */
export async function isPinned(client: pg.ClientBase, deployment: Deployment): Promise<boolean> {
  const pin = await readPin(client);
  if (pin !== undefined) assertMirrors(pin, deployment);
  return pin !== undefined;
}

type Source = Pick<Deployment, "chainId" | "genesisHash"> &
  Partial<Pick<Deployment, "contracts" | "startBlock">>;

/**
 * Contracts are left out of `source` while nothing is deployed; without a source nothing can be the same.
 * Throws AhadiError `mirror_of_another_chain`.
 */
export function assertMirrors(pin: Pin, source: Source | undefined, hint = OTHER_DATABASE): void {
  const same =
    source !== undefined &&
    pin.chainId === source.chainId &&
    pin.genesisHash === source.genesisHash.toLowerCase() &&
    (source.contracts === undefined || sameContracts(pin, contractsOf({ contracts: source.contracts }))) &&
    (source.startBlock === undefined || pin.startBlock === source.startBlock);
  if (same) return;
  const mirrored = `LoanBook ${pin.loanBook} on chain ${pin.chainId} (genesis ${pin.genesisHash})`;
  throw new AhadiError("mirror_of_another_chain", `the database mirrors something else: ${mirrored}`, {
    hint,
  });
}

function sameContracts(ours: Contracts, theirs: Contracts): boolean {
  return (
    ours.loanBook === theirs.loanBook &&
    ours.kycRegistry === theirs.kycRegistry &&
    ours.walletRecovery === theirs.walletRecovery
  );
}

/** Nobody but its owner may empty a database that is not ours. */
export const OTHER_DATABASE =
  "choose another database with AHADI_DATABASE_URL (--database-url), or drop its schemas chain and desk if nobody needs them";

/** Begins a new mirror at the anchor. */
export async function pin(client: pg.ClientBase, deployment: Deployment, anchor: Header): Promise<void> {
  const { loanBook, kycRegistry, walletRecovery } = contractsOf(deployment);
  await transaction(client, async () => {
    await client.query(
      `insert into chain.mirror (chain_id, genesis_hash, loan_book, kyc_registry, wallet_recovery, start_block)
       values ($1, $2, $3, $4, $5, $6)`,
      [
        deployment.chainId,
        bytes(deployment.genesisHash),
        ...[loanBook, kycRegistry, walletRecovery].map(bytes),
        deployment.startBlock,
      ],
    );
    await insertHeaders(client, [anchor]);
    await client.query(
      `insert into chain.checkpoint
         (block_number, block_hash, block_time, head_number, head_time, head_seen_at, updated_at)
       values ($1, $2, $3, $1, $3, clock_timestamp(), clock_timestamp())`,
      [anchor.number, bytes(anchor.hash), anchor.time],
    );
  });
}
