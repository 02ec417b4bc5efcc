import { expect } from "chai";
import fc from "fast-check";
import { answerReplay, type ReplayAnswer } from "../../../lending/cases.ts";
import { questionOf, readGolden } from "../golden-files.ts";

const questions = [...readGolden("fineract-schedules"), ...readGolden("fineract-more")].map(questionOf);

const CODES = ["invalid", "out_of_range", "unsupported", "impossible", "mismatch"];

/** Values that may stand anywhere: of wrong types, at and beyond the limits, and words that mean something elsewhere. */
const STRANGE = [
  ...[null, true, {}, [], [[]], "", "x", "-1", "0", "0.01", "1e9", "NaN", "100", "1000000"],
  ...["184467440737095516.15", "18446744073709551616", "9".repeat(50), "12.5", "99.999"],
  ...[-1, 0, 1, 2, 1.5, 31, 366, 999, 1000, 1001, 1e9, 1e15, -1e9, Number.MAX_SAFE_INTEGER, 1e300],
  ...[
    "1969-12-31",
    "1970-01-01",
    "2149-12-31",
    "2150-01-01",
    "2022-02-30",
    "2024-02-29",
    "2022-01-01",
    "2024-01-15",
  ],
  ...["DAYS", "WEEKS", "MONTHS", "YEARS", "DAILY", "PROGRESSIVE", "CUMULATIVE", "FLAT", "DECLINING_BALANCE"],
  ...[
    "EQUAL_PRINCIPAL",
    "EQUAL_INSTALMENTS",
    "VERTICAL",
    "REAMORTIZATION",
    "LAST_INSTALLMENT",
    "UP",
    "FLOOR",
  ],
  ...["rbi-india-strategy", "heavensfamily-strategy", "early-repayment-strategy", "mifos-standard-strategy"],
  ...[
    "REPAYMENT",
    "PAYOFF",
    "UNDO",
    "COB",
    "AS_OF",
    "CHARGE",
    "RESCHEDULE",
    "REAGE",
    "DISBURSEMENT",
    "ACTUAL",
    "360",
  ],
];

type Place = { holder: Record<string, unknown>; key: string };

function placesIn(value: unknown): Place[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
}

type Mutation =
  | { kind: "replace"; at: number; value: number }
  | { kind: "remove"; at: number }
  | { kind: "move"; at: number; days: number }
  | { kind: "scale"; at: number; tenths: number }
  | { kind: "insert"; from: number; entry: number; to: number };

const at = fc.nat(10_000);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant("replace" as const), at, value: fc.nat(STRANGE.length - 1) }),
  fc.record({ kind: fc.constant("remove" as const), at }),
  fc.record({ kind: fc.constant("move" as const), at, days: fc.integer({ min: -100, max: 400 }) }),
  fc.record({ kind: fc.constant("scale" as const), at, tenths: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ kind: fc.constant("insert" as const), from: fc.nat(questions.length - 1), entry: at, to: at }),
);

/** Of a list, the element that a number points to, wherever the list ends. */
function pointed<T>(list: readonly T[], index: number): T | undefined {
  return list[index % Math.max(list.length, 1)];
}

function mutate(question: Record<string, unknown>, one: Mutation): void {
  if (one.kind === "insert") {
    const list = question.transactions;
    const entry = pointed((questions[one.from]?.transactions ?? []) as unknown[], one.entry);
    if (Array.isArray(list) && entry !== undefined)
      list.splice(one.to % (list.length + 1), 0, structuredClone(entry));
    return;
  }
  const places = placesIn(question);
  const isDate = ({ holder, key }: Place) => /^\d{4}-\d{2}-\d{2}$/.test(String(holder[key]));
  const isAmount = ({ holder, key }: Place) => /^\d+(\.\d+)?$/.test(String(holder[key]));
  const fits = { replace: () => true, remove: () => true, move: isDate, scale: isAmount }[one.kind];
  const place = pointed(places.filter(fits), one.at);
  if (place === undefined) return;
  const { holder, key } = place;
  if (one.kind === "replace") holder[key] = structuredClone(STRANGE[one.value]);
  if (one.kind === "remove" && Array.isArray(holder)) holder.splice(Number(key), 1);
  else if (one.kind === "remove") delete holder[key];
  if (one.kind === "move") holder[key] = moved(String(holder[key]), one.days);
  if (one.kind === "scale") {
    const scaled = (Number(holder[key]) * one.tenths) / 10;
    holder[key] = typeof holder[key] === "number" ? Math.round(scaled) : scaled.toFixed(2);
  }
}

function moved(date: string, days: number): string {
  const time = Date.parse(date) + days * 86_400_000;
  return Number.isNaN(time) ? date : new Date(time).toISOString().slice(0, 10);
}

function expectFigures({ instalments, transactions, totals }: ReplayAnswer): void {
  const figure = /^\d+(\.\d+)?$/;
  for (const { nr, dueDate, ...amounts } of instalments) {
    expect(dueDate).to.match(/^\d{4}-\d{2}-\d{2}$/);
    for (const [column, amount] of Object.entries(amounts))
      expect(amount, `row ${nr} ${column}`).to.match(figure);
  }
  for (const { date, type, reversed, ...amounts } of transactions) {
    for (const [column, amount] of Object.entries(amounts))
      expect(amount, `${date} ${type} ${column}`).to.match(figure);
    expect(reversed).to.be.a("boolean");
  }
  for (const [column, amount] of Object.entries(totals)) expect(amount, `total ${column}`).to.match(figure);
}

describe("replay of cases that are broken at random", () => {
  const random = fc.record({
    index: fc.nat(questions.length - 1),
    mutations: fc.array(mutation, { minLength: 1, maxLength: 4 }),
  });

  it("gives figures or an error that names a field, never throws, and always ends", () => {
    const counted = { figures: 0, errors: 0 };
    fc.assert(
      fc.property(random, ({ index, mutations }) => {
        const question = structuredClone(questions[index] ?? {});
        for (const one of mutations) mutate(question, one);
        const answer = answerReplay(question);
        if (!("error" in answer)) {
          counted.figures++;
          expectFigures(answer);
          return;
        }
        counted.errors++;
        const { code, message, path } = answer.error;
        expect(CODES).to.include(code);
        expect(message.startsWith(path), message).to.equal(true);
        expect(message).to.match(/^[^\n]{5,600}$/);
        expect(path).to.match(/^(params|transactions|asOfBusinessDate)\b/);
      }),
      { seed: 1997, numRuns: 2000 },
    );
    expect(counted.figures).to.be.greaterThan(500);
    expect(counted.errors).to.be.greaterThan(500);
  });
});
