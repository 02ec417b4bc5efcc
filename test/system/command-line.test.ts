import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { type Address, type Hex, parseEther, toHex } from "viem";
import { testDollarAbi } from "../../chain/abi.ts";
import { readArtifact } from "../../chain/artifacts.ts";
import { connect } from "../../chain/clients.ts";
import { readDeployment } from "../../chain/deployment.ts";
import { openKeyFile } from "../../chain/operator.ts";
import { deposit, depositCover } from "../../chain/pools.ts";
import { openSender } from "../../chain/send.ts";
import { dayNumber, formatDate } from "../../lending/calendar.ts";
import { ensureBuilt } from "../../scripts/build.ts";
import { startAnvil, type TestAnvil } from "../support/anvil.ts";
import { temporaryFolder } from "../support/folder.ts";
import { c02Rules } from "../support/samples.ts";
import { runCli, runForPeople } from "./support/ahadi.ts";

const PASSPHRASE = "an operator's long passphrase";
const CHAIN_ID = 4711;

/** What a loan officer writes: without a salt, which `propose` makes. */
const { salt: _salt, first_repayment_date: _first, ...c02 } = c02Rules;
const terms = {
  ...c02,
  currency: { symbol: "TUSD", decimals: 2 },
  principal: "120000",
  rate_bps: 2400,
  number_of_instalments: 6,
  upfront_fee: "0",
};

interface Shown {
  state: string;
  paid: { interest: string; principal: string };
  owner: Address;
}

/** A chain that is not local, where every key stands in an encrypted file: the way an institution works. */
describe("the command line on a chain that is not local", function () {
  this.timeout(120_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let anvil: TestAnvil;
  let target: string[];
  const addresses: Record<string, Address> = {};

  const file = (name: string) => join(folder.path, name);
  const key = (name: string) => ["--key-file", file(`${name}.json`), "--passphrase-file", file("passphrase")];
  const openKey = (name: string) => openKeyFile(file(`${name}.json`), PASSPHRASE);

  const roles = ["governor", "underwriter", "supervisor", "guardian", "kyc-issuer", "compliance"];
  const people = () => [
    ...roles.flatMap((role) => [`--${role}`, addresses.lender as string]),
    ...["--approver", addresses.approver as string],
  ];

  before(async () => {
    await ensureBuilt();
    folder = await temporaryFolder();
    anvil = await startAnvil({ chainId: CHAIN_ID });
    target = ["--rpc-url", anvil.rpcUrl, "--deployment", file("deployment"), "--data-dir", file("data")];
    await writeFile(file("passphrase"), `${PASSPHRASE}\n`);
  });

  after(async () => {
    await anvil.stop();
    await folder.remove();
  });

  it("makes key files", async () => {
    const client = connect(anvil.rpcUrl);
    for (const name of ["deployer", "borrower", "lender", "approver"]) {
      const { code, result } = await runCli<{ address: Address }>(["key", "new", ...key(name)]);
      expect(code).to.equal(0);
      addresses[name] = result.address;
      await client.request({
        method: "anvil_setBalance",
        params: [result.address, toHex(parseEther("10"))],
      } as never);
    }
  });

  it("refuses to deploy without a key, and with an incomplete institution, by name", async () => {
    type Refusal = { error: { code: string; message: string } };
    const keyless = await runCli<Refusal>(["deploy", ...target]);
    expect(keyless.code).to.equal(1);
    expect(keyless.result.error.code).to.equal("key_needed");
    const incomplete = await runCli<Refusal>([
      "deploy",
      ...target,
      ...key("deployer"),
      "--governor",
      "nobody",
    ]);
    expect(incomplete.result.error.code).to.equal("config_invalid");
    for (const option of [
      "--governor",
      "--underwriter",
      "--approver",
      "--currency",
      "--utc-offset",
      "--pool-name",
    ]) {
      expect(incomplete.result.error.message).to.include(option);
    }
  });

  it("refuses to deploy for a currency that is no token, and writes no record", async () => {
    const pool = ["--utc-offset", "0", "--pool-name", "Test", "--pool-symbol", "T"];
    const currency = ["--currency", addresses.borrower as string];
    const { code, result } = await runCli<{ error: { code: string; message: string } }>([
      ...["deploy", ...target, ...key("deployer"), ...people(), ...pool, ...currency],
    ]);
    expect(code).to.equal(1);
    expect(result.error).to.include({ code: "config_invalid" });
    expect(result.error.message).to.include("--currency");
    expect(await stat(file("deployment")).catch(() => undefined)).to.equal(undefined);
  });

  it("deploys for a currency that is already there", async () => {
    const deployer = await openSender(anvil.rpcUrl, await openKey("deployer"));
    const { bytecode } = await readArtifact("TestDollar");
    const hash = await deployer.client.request({
      method: "eth_sendRawTransaction",
      params: [await rawCreation(deployer.account, bytecode as Hex)],
    });
    const receipt = await deployer.client.waitForTransactionReceipt({ hash });
    addresses.currency = receipt.contractAddress as Address;
    const pool = ["--utc-offset", "10800", "--pool-name", "Test pool", "--pool-symbol", "aTEST"];
    const institution = [...pool, "--currency", addresses.currency];
    const deploy = ["deploy", ...target, ...key("deployer"), ...people(), ...institution];

    const alone = await runCli<{ error: { code: string; message: string } }>([
      ...[...deploy, "--approver", addresses.lender as string],
    ]);
    expect(alone.result.error.message).to.include("--approver");
    const poor = await runCli<{ error: { code: string; message: string } }>(deploy);
    expect(poor.result.error.message).to.include("--currency");
    expect(await stat(file("deployment")).catch(() => undefined)).to.equal(undefined);
    const token = { address: addresses.currency, abi: testDollarAbi, functionName: "mint" } as const;
    await deployer.send({ ...token, args: [deployer.account.address, 1_000_000n] });
    // More blocks make the confirmations that a chain which is not local needs.
    const mining = setInterval(() => void deployer.client.request({ method: "evm_mine" } as never), 200);
    const { code, said } = await runCli(deploy);
    clearInterval(mining);
    expect(code, said).to.equal(0);
    expect((await readDeployment(file("deployment"))).chainId).to.equal(CHAIN_ID);
  });

  it("leads a loan between two people from terms to payoff", async () => {
    const today = formatDate(dayNumber(Math.floor(Date.now() / 1000), 10_800));
    await writeFile(file("terms.json"), JSON.stringify({ ...terms, disbursement_date: today }));
    const parties = ["--borrower", addresses.borrower as string, "--lender", addresses.lender as string];
    const proposal = ["--proposal", file("loan.json")];
    const proposed = await runCli<{ loan_id: Hex }>([
      ...[
        "loan",
        "propose",
        ...target,
        "--terms",
        file("terms.json"),
        ...parties,
        "--out",
        file("loan.json"),
      ],
    ]);
    expect(proposed.code, proposed.said).to.equal(0);
    const loan = ["--loan", proposed.result.loan_id];

    const unsigned = await runCli<{ error: { code: string } }>([
      "loan",
      "originate",
      ...target,
      ...proposal,
      ...key("lender"),
    ]);
    expect(unsigned.result.error.code).to.equal("consent_missing");
    const wrong = await runCli<{ error: { code: string } }>([
      ...["loan", "sign", ...proposal, "--role", "borrower", ...key("lender")],
    ]);
    expect(wrong.result.error.code).to.equal("wrong_signer");

    for (const role of ["borrower", "lender"]) {
      const signed = await runCli(["loan", "sign", ...proposal, "--role", role, ...key(role)]);
      expect(signed.code, signed.said).to.equal(0);
    }
    await prepareMoney();

    // A document that is not the agreement's is found out before money moves.
    const text = await readFile(file("loan.json"), "utf8");
    await writeFile(
      file("edited.json"),
      text.replace('\\"number_of_instalments\\":6', '\\"number_of_instalments\\":7'),
    );
    const edited = await runCli<{ error: { message: string } }>([
      ...["loan", "originate", ...target, "--proposal", file("edited.json"), ...key("deployer")],
    ]);
    expect(edited.result.error.message).to.include("documentHash");

    const originated = await runCli(["loan", "originate", ...target, ...proposal, ...key("deployer")]);
    expect(originated.code, JSON.stringify(originated.result)).to.equal(0);
    expect(originated.result).to.have.property("terms", "not_handed_in");

    const paid = await runCli<{ amount: string }>([
      "loan",
      "repay",
      ...target,
      ...loan,
      "--amount",
      "214.23",
      ...key("borrower"),
    ]);
    expect(paid.result.amount).to.equal("214.23");
    const tooFine = await runCli<{ error: { message: string } }>([
      ...["loan", "repay", ...target, ...loan, "--amount", "1.234", ...key("borrower")],
    ]);
    expect(tooFine.code).to.equal(1);
    expect(tooFine.result.error.message).to.include("--amount");

    const closed = await runCli<{ amount: string }>([
      "loan",
      "repay",
      ...target,
      ...loan,
      "--payoff",
      ...key("deployer"),
    ]);
    expect(closed.code, JSON.stringify(closed.result)).to.equal(0);
    const { result } = await runCli<Shown>(["loan", "show", ...target, ...loan]);
    expect(await runForPeople(["loan", "show", ...target, ...loan]))
      .to.include("1200.00 TUSD")
      .and.include("closed");
    expect(result.state).to.equal("closed");
    expect(result.paid.principal).to.equal("120000");
    expect(result.owner).to.equal(addresses.lender);
  });

  it("leads a loan of the pool through KYC, approval and desk", async () => {
    type Answer = {
      error?: { code: string; message: string };
      state: string;
      eligible: boolean;
      loan_id: Hex;
    };
    const run = async (...args: string[]) => (await runCli<Answer>(args)).result;
    await fillPool();
    const account = ["--account", addresses.borrower as string];
    const anchor = ["kyc", "anchor", ...target, ...account, ...key("lender")];
    expect((await run("kyc", "show", ...target, ...account)).eligible).to.equal(false);
    expect((await run(...anchor)).error?.message).to.include("--commitment");
    await run(...anchor, "--commitment", `0x${"c0".repeat(32)}`);
    expect((await run("kyc", "show", ...target, ...account)).eligible).to.equal(true);

    const made = ["--terms", file("terms.json"), "--out", file("desk.json")];
    const parties = ["--borrower", addresses.borrower as string, "--payee", addresses.approver as string];
    const patient = { ...JSON.parse(await readFile(file("terms.json"), "utf8")), cooling_off_days: 31 };
    await writeFile(file("patient.json"), JSON.stringify(patient));
    const refused = await run("loan", "propose", ...target, "--terms", file("patient.json"), ...parties);
    expect(refused.error?.message).to.include("cooling_off_days must be at most 30");
    const { loan_id } = await run("loan", "propose", ...target, ...made, ...parties);
    const proposal = ["--proposal", file("desk.json")];
    await run("loan", "sign", ...proposal, "--role", "borrower", ...key("borrower"));
    const originate = ["loan", "originate", ...target, ...proposal, ...key("lender")];
    expect((await run(...originate)).error?.message).to.include("LendingPoolApprovalMissing");
    const approve = ["loan", "approve", ...target, ...proposal];
    expect((await run(...approve, ...key("borrower"))).error?.code).to.equal("refused");
    expect((await run(...approve, ...key("approver"))).loan_id).to.equal(loan_id);
    expect((await run(...originate)).loan_id).to.equal(loan_id);

    const loan = ["--loan", loan_id];
    expect((await run("loan", "show", ...target, ...loan)).state).to.equal("funded");
    expect(await runForPeople(["loan", "show", ...target, ...loan])).to.include(
      "waits for the borrower's receipt",
    );
    const early = ["loan", "repay", ...target, ...loan, "--amount", "1.00", ...key("borrower")];
    expect((await run(...early)).error?.code).to.equal("loan_not_running");
    const activate = ["loan", "activate", ...target, ...proposal];
    expect((await run(...activate, ...key("lender"))).error?.message).to.include("LoanBookReceiptMissing");
    await run(...activate, ...key("borrower"));
    expect((await run("loan", "show", ...target, ...loan)).state).to.equal("active");
  });

  /** A lender's money and the institution's cover. */
  async function fillPool(): Promise<void> {
    const lender = await openSender(anvil.rpcUrl, await openKey("lender"));
    const { LendingPool } = (await readDeployment(file("deployment"))).contracts;
    const token = { address: addresses.currency as Address, abi: testDollarAbi } as const;
    await lender.send({ ...token, functionName: "mint", args: [addresses.lender, 3_000_000_000n] });
    await deposit(lender, LendingPool.address, 2_000_000_000n);
    await depositCover(lender, LendingPool.address, 500_000_000n);
  }

  /** The lender gets money and allows LoanBook the principal; a third party gets what it will pay the loan off with. */
  async function prepareMoney(): Promise<void> {
    const token = { address: addresses.currency as Address, abi: testDollarAbi } as const;
    const lender = await openSender(anvil.rpcUrl, await openKey("lender"));
    const { LoanBook } = (await readDeployment(file("deployment"))).contracts;
    for (const name of ["lender", "deployer"]) {
      await lender.send({ ...token, functionName: "mint", args: [addresses[name], 2_000_000_000n] });
    }
    await lender.send({ ...token, functionName: "approve", args: [LoanBook.address, 1_200_000_000n] });
  }
});

async function rawCreation(account: Awaited<ReturnType<typeof openKeyFile>>, data: Hex): Promise<Hex> {
  return await account.signTransaction({
    chainId: CHAIN_ID,
    type: "eip1559",
    nonce: 0,
    gas: 3_000_000n,
    maxFeePerGas: 10_000_000_000n,
    maxPriorityFeePerGas: 1n,
    data,
  });
}
