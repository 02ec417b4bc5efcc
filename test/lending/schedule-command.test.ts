import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const cli = fileURLToPath(new URL("../../scripts/ahadi.ts", import.meta.url));

async function schedule(input: string, ...flags: string[]) {
  const child = spawn(process.execPath, [cli, "schedule", ...flags]);
  child.stdin.end(input);
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { stdout, stderr, exitCode: exitCode as number };
}

const params = {
  currencyDecimals: 2,
  principal: "1000.00",
  annualRatePct: "0",
  nInstalments: 2,
  repayEvery: 2,
  unit: "WEEKS",
  amortization: "EQUAL_INSTALMENTS",
  interestMethod: "DECLINING_BALANCE",
  interestCalcPeriod: "SAME_AS_REPAYMENT_PERIOD",
  disburseDate: "2024-01-01",
};

describe("ahadi schedule", () => {
  it("fails with one line and exit code 1 when standard input is not JSON", async () => {
    const { stdout, stderr, exitCode } = await schedule("{");
    expect({ stdout, exitCode }).to.deep.equal({ stdout: "", exitCode: 1 });
    expect(stderr).to.match(/^ahadi: standard input is not JSON \(.+\)\n$/);
  });

  it("puts that failure on standard output with --json", async () => {
    const { stdout, exitCode } = await schedule("7", "--json");
    expect(exitCode).to.equal(1);
    expect(JSON.parse(stdout)).to.have.nested.property("error.code", "input_invalid");
  });

  it("answers an array with an array, errors among it, and exit code 0", async () => {
    const cases = [
      { id: "bad", params: { ...params, nInstalments: 0 } },
      { id: "good", params },
    ];
    const { stdout, stderr, exitCode } = await schedule(JSON.stringify(cases), "--json");
    expect({ stderr, exitCode }).to.deep.equal({ stderr: "", exitCode: 0 });
    const [bad, good] = JSON.parse(stdout);
    expect(bad).to.deep.equal({
      id: "bad",
      error: {
        code: "out_of_range",
        message: "params.nInstalments: must be a whole number from 1 to 1000",
        path: "params.nInstalments",
      },
    });
    expect(good.instalments[1]).to.deep.equal({
      nr: 2,
      dueDate: "2024-01-29",
      principalDue: "500.00",
      interestDue: "0.00",
      feesDue: "0.00",
      penaltiesDue: "0.00",
      total: "500.00",
      outstanding: "0.00",
    });
  });

  it("answers an object with an object, as JSON also without --json", async () => {
    const { stdout, exitCode } = await schedule(JSON.stringify({ id: "one", params }));
    expect(exitCode).to.equal(0);
    expect(JSON.parse(stdout)).to.have.nested.property("totals.total", "1000.00");
  });
});
