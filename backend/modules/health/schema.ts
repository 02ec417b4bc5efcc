import { z } from "zod";
import { countColumn } from "../../rows.ts";
import { blockNumberValue, hashValue, momentValue } from "../../values.ts";

export const aliveBody = z.strictObject({ status: z.literal("alive") }).meta({ id: "Alive" });

export const readyBody = z
  .strictObject({
    status: z.literal("ready"),
    block_number: blockNumberValue,
    block_hash: hashValue,
    block_time: momentValue,
    head_number: blockNumberValue,
    lag_blocks: z.int().nonnegative(),
    head_age_seconds: z.number().nonnegative(),
  })
  .meta({ id: "Ready", description: "How far the mirror is, and how fresh its view of the head." });

/** The checkpoint, with the age of the last sight of the head by the database's own clock. */
export const progressRow = z.object({
  block_number: countColumn,
  block_hash: z.string(),
  block_time: countColumn,
  head_number: countColumn,
  head_age_s: z.number(),
});

export type Progress = z.output<typeof progressRow>;
