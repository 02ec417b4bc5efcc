import { type Address, getAddress, type Hex, isAddress } from "viem";
import { z } from "zod";
import type { Agreement } from "./agreement.ts";
import { hexString, minorString, parseStrict, wholeNumber, wholeString } from "./parse.ts";

const UINT16 = 2 ** 16 - 1;
const UINT32 = 2 ** 32 - 1;
const MAX_LANGUAGE_CHARS = 64;

const address = z.string().refine((text) => isAddress(text), "must be an address of 20 bytes");
const amount = minorString;
const day = wholeNumber(0, UINT32);

const instalmentSchema = z.strictObject({ day, principal: amount, interest: amount, fee: amount });

const agreementSchema = z.strictObject({
  borrower: address,
  lender: address,
  currency: address,
  unit: wholeString(2n ** 256n - 1n),
  payee: address,
  disburseFromDay: day,
  disburseUntilDay: day,
  principal: amount,
  totalRepayable: amount,
  firstDay: day,
  lastDay: day,
  count: wholeNumber(0, UINT16),
  upfrontFee: amount,
  penaltyRateBps: wholeNumber(0, UINT32),
  penaltyGraceDays: wholeNumber(0, UINT16),
  penaltyCap: amount,
  waterfall: hexString(4),
  earlySettlement: wholeNumber(0, 255),
  reversalDays: wholeNumber(0, UINT16),
  coolingOffDays: wholeNumber(0, UINT16),
  utcOffset: wholeNumber(-(2 ** 31), 2 ** 31 - 1),
  documentHash: hexString(32),
  language: z.string().max(MAX_LANGUAGE_CHARS, `must have at most ${MAX_LANGUAGE_CHARS} characters`),
  salt: hexString(32),
  expiry: amount,
  schedule: z.array(instalmentSchema).max(UINT16),
});

/** An agreement as plain JSON: `bigint` members as decimal strings, everything else as it is. */
export type AgreementJson = z.infer<typeof agreementSchema>;

/** Writes an agreement as plain JSON, hex other than addresses in lower case. */
export function agreementToJson(agreement: Agreement): AgreementJson {
  return {
    ...agreement,
    unit: String(agreement.unit),
    principal: String(agreement.principal),
    totalRepayable: String(agreement.totalRepayable),
    upfrontFee: String(agreement.upfrontFee),
    penaltyCap: String(agreement.penaltyCap),
    expiry: String(agreement.expiry),
    waterfall: lowerCase(agreement.waterfall),
    documentHash: lowerCase(agreement.documentHash),
    salt: lowerCase(agreement.salt),
    schedule: agreement.schedule.map((row) => ({
      day: row.day,
      principal: String(row.principal),
      interest: String(row.interest),
      fee: String(row.fee),
    })),
  };
}

/**
 * Reads an agreement from parsed JSON, strictly: no unknown, missing or mistyped member. Addresses come out checksummed.
 * Form alone is checked here; `checkAgreement` applies the contract's rules.
 * @throws LendingError naming the member.
 */
export function agreementFromJson(value: unknown): Agreement {
  const json = parseStrict(agreementSchema, value);
  return {
    ...json,
    borrower: checksummed(json.borrower),
    lender: checksummed(json.lender),
    currency: checksummed(json.currency),
    unit: BigInt(json.unit),
    payee: checksummed(json.payee),
    principal: BigInt(json.principal),
    totalRepayable: BigInt(json.totalRepayable),
    upfrontFee: BigInt(json.upfrontFee),
    penaltyCap: BigInt(json.penaltyCap),
    expiry: BigInt(json.expiry),
    schedule: json.schedule.map((row) => ({
      day: row.day,
      principal: BigInt(row.principal),
      interest: BigInt(row.interest),
      fee: BigInt(row.fee),
    })),
  };
}

function lowerCase(hex: Hex): Hex {
  return hex.toLowerCase() as Hex;
}

function checksummed(text: string): Address {
  return getAddress(text);
}
