import type pg from "pg";
import type { Address, Hash } from "viem";
import type { Deployment } from "../../chain/deployment.ts";
import { AhadiError } from "../../platform/errors.ts";
import { lowerCase } from "../source/node.ts";
import type { Header } from "../source/types.ts";
import { bytes, insertHeaders } from "./headers.ts";
import { transaction } from "./writer.ts";

/** The block before the deployment: what the mirror begins from. No event is in it or before it. */
export function anchorNumber({ startBlock }: Deployment): bigint {
  return BigInt(Math.max(0, startBlock - 1));
}

interface Pin extends pg.QueryResultRow {
  chain_id: string;
  genesis_hash: Hash;
  loan_book: Address;
  start_block: string;
}

/** False for a new database. Throws AhadiError `mirror_of_another_chain`. */
export async function isPinned(client: pg.ClientBase, deployment: Deployment): Promise<boolean> {
  const { rows } = await client.query<Pin>(
    `select chain_id, chain.hex(genesis_hash) as genesis_hash, chain.hex(loan_book) as loan_book, start_block
     from chain.mirror`,
  );
  const [pin] = rows;
  if (pin === undefined) return false;
  const same =
    Number(pin.chain_id) === deployment.chainId &&
    pin.genesis_hash === deployment.genesisHash.toLowerCase() &&
    pin.loan_book === lowerCase(deployment.contracts.LoanBook.address) &&
    Number(pin.start_block) === deployment.startBlock;
  if (same) return true;
  const mirrored = `LoanBook ${pin.loan_book} on chain ${pin.chain_id} (genesis ${pin.genesis_hash})`;
  throw new AhadiError(
    "mirror_of_another_chain",
    `this database mirrors ${mirrored}, the deployment is another one`,
    {
      hint: "choose another database with --database-url, or start anew with --fresh",
    },
  );
}

/** Begins a new mirror at the anchor. */
export async function pin(client: pg.ClientBase, deployment: Deployment, anchor: Header): Promise<void> {
  await transaction(client, async () => {
    await client.query(
      `insert into chain.mirror (chain_id, genesis_hash, loan_book, start_block)
       values ($1, $2, $3, $4)`,
      [
        deployment.chainId,
        bytes(deployment.genesisHash),
        bytes(deployment.contracts.LoanBook.address),
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
