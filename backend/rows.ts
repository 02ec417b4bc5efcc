import { getAddress } from "viem";
import { z } from "zod";
import { dayNumber, formatDate } from "../lending/calendar.ts";

/* How columns of the mirror are read. int8 and numeric arrive as strings: nothing passes through a float. */

export const bigintColumn = z
  .string()
  .regex(/^\d{1,78}$/)
  .transform(BigInt);

/** A bigint column whose values are small by nature (block numbers, times, days). */
export const countColumn = z
  .union([z.string().regex(/^-?\d{1,16}$/), z.int()])
  .transform(Number)
  .refine(Number.isSafeInteger);

export const hexColumn = z.string().regex(/^0x([0-9a-f]{2})*$/);

/** Addresses leave with their checksum; viem remembers the ones it has seen. */
export const addressColumn = hexColumn.transform((value) => getAddress(value));

export const proofColumns = {
  block_number: countColumn,
  block_hash: hexColumn,
  tx_hash: hexColumn,
  log_index: countColumn,
};

const proofRow = z.object(proofColumns);

/** A fact's origin as callers see it. */
export function proofOf(row: z.output<typeof proofRow>) {
  return {
    block_number: row.block_number,
    block_hash: row.block_hash,
    transaction_hash: row.tx_hash,
    log_index: row.log_index,
  };
}

export const checkpointRow = z.object({
  block_number: countColumn,
  block_hash: hexColumn,
  block_time: countColumn,
});

export type Checkpoint = z.output<typeof checkpointRow>;

/** The block that an answer is as of. "Today" is the chain's time, never this machine's clock. */
export function asOf(checkpoint: Checkpoint, utcOffsetS: number) {
  const today = dayNumber(checkpoint.block_time, utcOffsetS);
  return {
    block_number: checkpoint.block_number,
    block_hash: checkpoint.block_hash,
    block_time: new Date(checkpoint.block_time * 1000).toISOString(),
    today: formatDate(today),
    today_day: today,
  };
}

/** Digits after the point of minor units: `unit` is 10^(token decimals - display decimals). */
export function displayDecimals(tokenDecimals: number, unit: bigint): number {
  return tokenDecimals - (unit.toString().length - 1);
}
