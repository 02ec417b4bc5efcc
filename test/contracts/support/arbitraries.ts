import fc from "fast-check";
import { type Agreement, type Instalment, signedTotals } from "../../../lending/agreement.ts";

type Hex = `0x${string}`;

const hex = (bytes: number): fc.Arbitrary<Hex> =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((array) => `0x${Buffer.from(array).toString("hex")}` as const);

const uint64 = fc.bigInt(0n, 2n ** 64n - 1n);
const uint32 = fc.nat(0xffffffff);
const uint16 = fc.nat(0xffff);

const anyRow: fc.Arbitrary<Instalment> = fc.record({
  day: uint32,
  principal: uint64,
  interest: uint64,
  fee: uint64,
});

/** Any value of the type `Agreement`, possible or not: what must hash the same everywhere. */
export function agreements(): fc.Arbitrary<Agreement> {
  return fc.record({
    borrower: hex(20),
    lender: hex(20),
    currency: hex(20),
    unit: fc.bigInt(0n, 2n ** 256n - 1n),
    payee: hex(20),
    disburseFromDay: uint32,
    disburseUntilDay: uint32,
    principal: uint64,
    totalRepayable: uint64,
    firstDay: uint32,
    lastDay: uint32,
    count: uint16,
    upfrontFee: uint64,
    penaltyRateBps: uint32,
    penaltyGraceDays: uint16,
    penaltyCap: uint64,
    waterfall: hex(4),
    earlySettlement: fc.nat(255),
    reversalDays: uint16,
    coolingOffDays: uint16,
    utcOffset: fc.integer(),
    documentHash: hex(32),
    language: fc.string({ unit: "grapheme", maxLength: 40 }),
    salt: hex(32),
    expiry: uint64,
    schedule: fc.array(anyRow, { maxLength: 12 }),
  });
}

/** All 24 orders of 0 penalty, 1 fee, 2 interest, 3 principal. */
export const WATERFALLS: Hex[] = permutations([0, 1, 2, 3]).map(
  (ids) => `0x${ids.map((id) => `0${id}`).join("")}` as const,
);

function permutations(ids: number[]): number[][] {
  if (ids.length === 0) return [[]];
  return ids.flatMap((id) => permutations(ids.filter((other) => other !== id)).map((rest) => [id, ...rest]));
}

/** Members of an agreement that the book accepts, with days counted from the first day of the disbursement window. */
export type LoanShape = Pick<
  Agreement,
  | "schedule"
  | "upfrontFee"
  | "penaltyRateBps"
  | "penaltyGraceDays"
  | "penaltyCap"
  | "waterfall"
  | "earlySettlement"
  | "utcOffset"
> & { window: number };

const amount = fc.oneof(
  { weight: 2, arbitrary: fc.bigInt(0n, 3n) },
  { weight: 5, arbitrary: fc.bigInt(0n, 200_000n) },
  { weight: 1, arbitrary: fc.bigInt(0n, 2n ** 50n) },
);

const gapAndRow = fc.record({
  gap: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 4, max: 45 })),
  principal: amount,
  interest: amount,
  fee: fc.oneof(fc.constant(0n), amount),
});

/** Loans of 1 to 24 instalments, crooked ones among them: rows without principal, a day apart, of a cent. */
export function loanShapes(): fc.Arbitrary<LoanShape> {
  return fc
    .record({
      window: fc.nat(5),
      rows: fc.array(gapAndRow, { minLength: 1, maxLength: 24 }),
      feeShare: fc.oneof(fc.constant(0n), fc.bigInt(0n, 99n)),
      penaltyRateBps: fc.oneof(fc.constant(0), fc.nat(5_000), fc.nat(100_000)),
      penaltyGraceDays: fc.oneof(fc.constant(0), fc.nat(40)),
      penaltyCap: fc.oneof(fc.nat(100).map(BigInt), fc.bigInt(0n, 2n ** 32n), fc.constant(2n ** 63n)),
      waterfall: fc.constantFrom(...WATERFALLS),
      earlySettlement: fc.constantFrom(0, 1),
      utcOffset: fc.constantFrom(0, 10_800, -36_000, 20_700, 50_400, -50_400),
    })
    .map(({ rows, feeShare, ...rules }) => {
      let day = rules.window;
      const schedule = rows.map(({ gap, principal, interest, fee }, index) => {
        day += gap;
        // A loan lends something, and a row holds something.
        const least = index === 0 || interest + fee === 0n ? 1n : 0n;
        return { day, principal: principal > least ? principal : least, interest, fee };
      });
      const { principal } = signedTotals(schedule);
      return { ...rules, schedule, upfrontFee: (principal * feeShare) / 100n };
    });
}
