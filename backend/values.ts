import { z } from "zod";

/*
 * The words that requests and answers are made of. Each carries its description and an example into the OpenAPI
 * document; messages are written for the person who sent the value.
 */

const hash = (what: string, example: string) =>
  z
    .string()
    .regex(/^0x[0-9a-f]{64}$/, "must be 0x and 64 hexadecimal digits")
    .meta({ description: what, example });

const exampleHash = (byte: string) => `0x${byte.repeat(32)}`;

export const loanIdValue = hash(
  "EIP-712 digest of the agreement: the id proves the terms.",
  exampleHash("5a"),
);
export const hashValue = hash("32 bytes.", exampleHash("1f"));

export const addressValue = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, "must be 0x and 40 hexadecimal digits")
  .meta({
    description: "An account or contract, with EIP-55 checksum.",
    example: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  });

/** As a parameter: any letter case, folded to the lower case that the mirror is searched with. */
export const loanIdParam = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, "must be 0x and 64 hexadecimal digits")
  .toLowerCase()
  .meta({ description: "The loan's id.", example: exampleHash("5a") });

export const addressParam = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, "must be 0x and 40 hexadecimal digits")
  .toLowerCase()
  .meta({
    description: "An address in any letter case.",
    example: "0x5fbdb2315678afecb367f032d93f642f64180aa3",
  });

const wholeNumber = /^(0|[1-9][0-9]{0,77})$/;

/** Minor units (cents). The decimals stand once, in the loan's `currency`. */
export const amountValue = z
  .string()
  .regex(wholeNumber)
  .meta({ id: "Amount", description: "Minor units (cents) as a whole number.", example: "30500" });

/** Base units: the token's own integers. */
export const baseAmountValue = z
  .string()
  .regex(wholeNumber)
  .meta({ id: "BaseAmount", description: "The token's base units as a whole number.", example: "305000000" });

export const dayValue = z
  .int()
  .nonnegative()
  .meta({ id: "Day", description: "Days since 1970-01-01 in the loan's UTC offset.", example: 19328 });

export const dateValue = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .meta({ id: "Date", description: "The same day as ISO 8601 date.", example: "2022-12-02" });

export const momentValue = z.iso
  .datetime()
  .meta({ id: "Moment", description: "A moment in UTC.", example: "2022-12-02T09:30:00.000Z" });

export const blockNumberValue = z.int().nonnegative().meta({ example: 118 });

export const proofValue = z
  .strictObject({
    block_number: blockNumberValue,
    block_hash: hashValue,
    transaction_hash: hashValue,
    log_index: z.int().nonnegative(),
  })
  .meta({
    id: "Proof",
    description: "Where the chain says so: ask any node for this log and compare.",
    example: {
      block_number: 118,
      block_hash: exampleHash("b1"),
      transaction_hash: exampleHash("7c"),
      log_index: 4,
    },
  });

export const componentsValue = z
  .strictObject({
    penalty: amountValue,
    fee: amountValue,
    interest: amountValue,
    principal: amountValue,
    total: amountValue,
  })
  .meta({ id: "Components", description: "An amount by component, in minor units." });

export const chainValue = z
  .strictObject({ chain_id: z.int().positive(), loan_book: addressValue })
  .meta({ id: "Chain", description: "On which chain, and in which LoanBook." });

/** The block that the mirror had reached: everything in an answer is as of it. */
export const asOfValue = z
  .strictObject({
    block_number: blockNumberValue,
    block_hash: hashValue,
    block_time: momentValue,
    today: dateValue,
    today_day: dayValue,
  })
  .meta({
    id: "AsOf",
    description:
      "The block that everything in this answer is as of. `today` is chain time in the UTC offset concerned.",
  });

export const currencyValue = z
  .strictObject({
    address: addressValue,
    symbol: z.string().nullable().meta({ example: "USDX" }),
    decimals: z
      .int()
      .min(0)
      .max(77)
      .meta({ description: "Digits after the point of a minor-unit amount.", example: 2 }),
    unit: z.string().regex(wholeNumber).meta({ description: "Base units per minor unit.", example: "10000" }),
    token_decimals: z.int().min(0).max(255).meta({ example: 6 }),
  })
  .meta({ id: "Currency", description: "The ERC-20 token, and how its base units become minor units." });
