import { readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { answerReplay, answerSchedule, type ReplayAnswer } from "../../lending/cases.ts";
import { type GoldenCase, questionOf, readGolden, type Stated } from "./golden-files.ts";

const COLUMNS = ["principalDue", "interestDue", "feesDue", "penaltiesDue", "total"];
const PAID_COLUMNS = ["paid", "paidInAdvance", "paidLate", "unpaid"];
const ROW_COLUMNS = ["dueDate", ...COLUMNS, ...PAID_COLUMNS, "outstanding"];
const TOTAL_COLUMNS = [...COLUMNS, ...PAID_COLUMNS];
const TRANSACTION_COLUMNS = ["date", "type", "principal", "interest", "fees", "penalties"];

const golden = readGolden("fineract-schedules");
const more = readGolden("fineract-more");

/** Every difference between what the source states and what is answered, as lines that people can read. */
function differencesOf(source: GoldenCase, answer: ReturnType<typeof answerReplay>): string[] {
  if ("error" in answer) return [`${source.id} is refused: ${answer.error.message}`];
  return [
    ...differencesOfRows(source, answer),
    ...differencesOfColumns("totals", TOTAL_COLUMNS, source.totals ?? {}, answer.totals),
    ...differencesOfTransactions(source, answer),
    ...differencesOfPayoff(source, answer),
  ];
}

function differencesOfRows({ expected, sparse }: GoldenCase, { instalments }: ReplayAnswer): string[] {
  const rows = expected.flatMap((row) => {
    const answered = instalments.find(({ nr }) => nr === row.nr);
    if (answered === undefined) return [`row ${row.nr} is missing`];
    return differencesOfColumns(`row ${row.nr}`, ROW_COLUMNS, row, answered);
  });
  if (sparse || expected.length === 0 || expected.length === instalments.length) return rows;
  return [`${instalments.length} rows instead of ${expected.length}`, ...rows];
}

function differencesOfColumns(
  where: string,
  columns: readonly string[],
  stated: Stated,
  answered: object,
): string[] {
  return columns.flatMap((column) => {
    const [want, got] = [stated[column], (answered as Stated)[column]];
    return want === undefined || want === null || want === got
      ? []
      : [`${where} ${column}: ${got} instead of ${want}`];
  });
}

/** Accruals are bookkeeping; the order within a day says nothing. */
function differencesOfTransactions({ expectedTransactions }: GoldenCase, answer: ReplayAnswer): string[] {
  if (expectedTransactions === undefined) return [];
  const line = (one: object) =>
    TRANSACTION_COLUMNS.map((column) => String((one as Stated)[column])).join(" ");
  const wanted = expectedTransactions.filter(({ type }) => type !== "Accrual").map(line);
  const unmatched = answer.transactions.map(line);
  const missing = wanted.filter((one) => {
    const found = unmatched.indexOf(one);
    if (found !== -1) unmatched.splice(found, 1);
    return found === -1;
  });
  return [
    ...missing.map((one) => `no transaction ${one}`),
    ...unmatched.map((one) => `unstated transaction ${one}`),
  ];
}

function differencesOfPayoff(
  { expectedPayoff }: GoldenCase,
  { transactions, totals }: ReplayAnswer,
): string[] {
  if (expectedPayoff === undefined) return [];
  const { date, amount } = transactions.at(-1) ?? {};
  return [
    ...differencesOfColumns("payoff", ["date", "amount"], { ...expectedPayoff }, { date, amount }),
    ...differencesOfColumns("after the payoff", ["unpaid"], { unpaid: "0.00" }, totals),
  ];
}

function expectAllStated(source: GoldenCase): void {
  expect(differencesOf(source, answerReplay(questionOf(source)))).to.deep.equal([]);
}

function found(id: string): GoldenCase {
  const source = golden.find((one) => one.id === id);
  if (source === undefined) throw new Error(`no golden case ${id}`);
  return source;
}

/** "features/LoanCharge.feature" of a long path. */
function shortPath(path: string): string {
  return path.split("/").slice(-1).join("/");
}

describe("the comparison with golden figures", () => {
  const source = found("W03-repayment-then-reversal");
  const answer = answerReplay(questionOf(source));
  if ("error" in answer) throw new Error(answer.error.message);

  it("is asked without the figures that it is checked with", () => {
    const asked = JSON.stringify(questionOf(source));
    for (const word of ["expected", "totals", "outstanding", "paidLate"]) expect(asked).to.not.include(word);
  });

  it("reports one changed figure in any column of a row", () => {
    for (const column of ROW_COLUMNS) {
      const changed = structuredClone(answer);
      Object.assign(changed.instalments[1] ?? {}, { [column]: "0.01" });
      const reported = differencesOf(source, changed);
      expect(reported.map((one) => one.split(":")[0])).to.deep.equal([`row 2 ${column}`]);
    }
  });

  it("reports one changed figure in any column of the totals and of a transaction", () => {
    for (const column of TOTAL_COLUMNS) {
      const changed = { ...answer, totals: { ...answer.totals, [column]: "0.01" } };
      expect(differencesOf(source, changed).map((one) => one.split(":")[0])).to.deep.equal([
        `totals ${column}`,
      ]);
    }
    for (const column of TRANSACTION_COLUMNS) {
      const changed = structuredClone(answer);
      Object.assign(changed.transactions[1] ?? {}, { [column]: "0.01" });
      expect(differencesOf(source, changed), column).to.have.length(2);
    }
  });

  it("reports a row too many, a row that is missing, a transaction that is missing and a refusal", () => {
    const { instalments, transactions } = answer;
    const last = instalments.at(-1);
    if (last === undefined) throw new Error("a case without rows");
    const longer = { ...answer, instalments: [...instalments, { ...last, nr: last.nr + 1 }] };
    expect(differencesOf(source, longer)).to.have.length(1);
    expect(differencesOf(source, { ...answer, instalments: instalments.slice(0, -1) })).to.have.length(2);
    expect(differencesOf(source, { ...answer, transactions: transactions.slice(1) })).to.have.length(1);
    const error = { code: "invalid", message: "params: bad", path: "params" };
    expect(differencesOf(source, { error })).to.have.length(1);
  });

  it("reports a changed payoff", () => {
    const payoff = more.find(({ expectedPayoff }) => expectedPayoff !== undefined);
    if (payoff?.expectedPayoff === undefined) throw new Error("no case with a payoff");
    const changed = { ...payoff, expectedPayoff: { ...payoff.expectedPayoff, amount: "1.00" } };
    expect(differencesOf(changed, answerReplay(questionOf(payoff)))).to.have.length(1);
  });
});

describe("golden schedules of Apache Fineract", () => {
  it("are all there, and state figures", () => {
    expect([golden.length, more.length]).to.deep.equal([32, 337]);
    const silent = [...golden, ...more].filter(
      ({ expected, expectedPayoff }) => !expected.length && !expectedPayoff,
    );
    expect(silent.map(({ id }) => id)).to.deep.equal([]);
    expect(new Set([...golden, ...more].map(({ id }) => id)).size).to.equal(369);
  });

  for (const source of golden) {
    it(`${source.id} is exact in every column`, () => expectAllStated(source));
  }

  for (const path of new Set(more.map(({ source_path }) => source_path))) {
    const cases = more.filter(({ source_path }) => source_path === path);
    it(`the ${cases.length} further cases of ${shortPath(path)} are exact in every column`, () => {
      const wrong = cases.flatMap((source) => {
        const differences = differencesOf(source, answerReplay(questionOf(source)));
        return differences.length === 0 ? [] : [{ id: source.id, differences }];
      });
      expect(wrong).to.deep.equal([]);
    });
  }

  it("are answered by `schedule` with the same figures, where nothing but disbursements happens", () => {
    const plain = golden.filter(({ transactions = [] }) =>
      transactions.every(({ type }) => type === "DISBURSEMENT"),
    );
    expect(plain.length).to.be.greaterThan(15);
    for (const source of plain) {
      const answer = answerSchedule(questionOf(source));
      if ("error" in answer) throw new Error(answer.error.message);
      const wrong = source.expected.flatMap((row) => {
        const answered = answer.instalments.find(({ nr }) => nr === row.nr) ?? {};
        return differencesOfColumns(source.id, ["nr", "dueDate", ...COLUMNS, "outstanding"], row, answered);
      });
      expect(wrong).to.deep.equal([]);
    }
  });

  it("has C02's 18 rows as the source prints them", () => {
    const answer = answerSchedule(questionOf(found("C02-decl-emi-sar-18m")));
    if ("error" in answer) throw new Error(answer.error.message);
    const rows = answer.instalments.map(
      (r) => `${r.dueDate} ${r.principalDue} + ${r.interestDue} = ${r.total}, ${r.outstanding} left`,
    );
    expect(rows).to.deep.equal([
      "2022-12-01 255.00 + 50.00 = 305.00, 4745.00 left",
      "2023-01-01 257.55 + 47.45 = 305.00, 4487.45 left",
      "2023-02-01 260.13 + 44.87 = 305.00, 4227.32 left",
      "2023-03-01 262.73 + 42.27 = 305.00, 3964.59 left",
      "2023-04-01 265.35 + 39.65 = 305.00, 3699.24 left",
      "2023-05-01 268.01 + 36.99 = 305.00, 3431.23 left",
      "2023-06-01 270.69 + 34.31 = 305.00, 3160.54 left",
      "2023-07-01 273.39 + 31.61 = 305.00, 2887.15 left",
      "2023-08-01 276.13 + 28.87 = 305.00, 2611.02 left",
      "2023-09-01 278.89 + 26.11 = 305.00, 2332.13 left",
      "2023-10-01 281.68 + 23.32 = 305.00, 2050.45 left",
      "2023-11-01 284.50 + 20.50 = 305.00, 1765.95 left",
      "2023-12-01 287.34 + 17.66 = 305.00, 1478.61 left",
      "2024-01-01 290.21 + 14.79 = 305.00, 1188.40 left",
      "2024-02-01 293.12 + 11.88 = 305.00, 895.28 left",
      "2024-03-01 296.05 + 8.95 = 305.00, 599.23 left",
      "2024-04-01 299.01 + 5.99 = 305.00, 300.22 left",
      "2024-05-01 300.22 + 3.00 = 303.22, 0.00 left",
    ]);
    expect(answer.totals).to.deep.equal({
      principalDue: "5000.00",
      interestDue: "488.22",
      feesDue: "0.00",
      penaltiesDue: "0.00",
      total: "5488.22",
    });
  });

  it("are answered alike under another name and product", () => {
    for (const source of golden) {
      const question = questionOf(source);
      const renamed = { ...question, id: "renamed", params: { ...source.params, product: "OTHER" } };
      expect(answerReplay(renamed)).to.deep.equal({ ...answerReplay(question), id: "renamed" });
    }
  });

  it("are computed from their parameters: no source file knows a case or a product by its name", () => {
    const folder = new URL("../../lending/", import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".ts"),
    );
    expect(files).to.include.members(["cases.ts", "replay/replay.ts", "schedule/plan.ts"]);
    const cases = [...golden, ...more];
    const names = cases.flatMap(({ id, params }) => [
      id,
      ...(typeof params.product === "string" ? [params.product] : []),
    ]);
    expect(names).to.include.members(["C01-flat-18m", "LP1_INTEREST_FLAT"]);
    for (const file of files) {
      const text = readFileSync(new URL(file, folder), "utf8");
      expect(
        names.filter((name) => text.includes(name)),
        file,
      ).to.deep.equal([]);
    }
  });
});
