import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type Abi, type Address, getAddress, keccak256, type PublicClient, toFunctionSelector } from "viem";
import {
  accessManagerAbi,
  kycRegistryAbi,
  lendingPoolAbi,
  loanBookAbi,
  testDollarAbi,
  walletRecoveryAbi,
} from "../../chain/abi.ts";
import { connect } from "../../chain/clients.ts";
import { type Deployment, readDeployment } from "../../chain/deployment.ts";
import { type LocalRole, localSigner } from "../../chain/operator.ts";
import { ensureBuilt } from "../../scripts/build.ts";
import { GOVERNOR_DELAY_S, NOBODY, roles } from "../../scripts/deploy/module.ts";
import { lendingLimits, poolRules, seedDeposit } from "../../scripts/deploy/policy.ts";
import { ensureDeployed, localDeploymentDir } from "../../scripts/deploy.ts";
import { startAnvil, type TestAnvil } from "../support/anvil.ts";

/** AccessManager puts a longer delay into effect after five days at the earliest. */
const MIN_SETBACK_S = 5 * 86_400;

const CHAIN_ID = 31_337;
const TOKEN_DECIMALS = 6;
const UTC_OFFSET_S = 10_800;

/** Who holds a role, if not the person of the same name alone. */
const PEOPLE = [
  "governor",
  "underwriter",
  "approver",
  "supervisor",
  "guardian",
  "kycIssuer",
  "compliance",
] as const;
const roleOf = (person: (typeof PEOPLE)[number]) => roles[person === "approver" ? "underwriter" : person];

describe("A deployment", () => {
  let anvil: TestAnvil;
  let stateDir: string;
  let client: PublicClient;
  let deployment: Deployment;

  before(async function () {
    this.timeout(120_000);
    await ensureBuilt();
    stateDir = await mkdtemp(join(tmpdir(), "ahadi-deploy-"));
    anvil = await startAnvil({ chainId: CHAIN_ID });
    client = connect(anvil.rpcUrl);
    await ensureDeployed({ rpcUrl: anvil.rpcUrl, stateDir });
    deployment = await readDeployment(localDeploymentDir(stateDir));
  });

  after(async () => {
    await anvil.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  it("leaves the deployer without any role and without any right", async () => {
    const deployer = address("deployer");
    for (const [name, role] of Object.entries(roles)) {
      expect(await hasRole(role, deployer), name).to.deep.equal([false, 0]);
    }
    const { LoanBook, LendingPool, KycRegistry, WalletRecovery } = deployment.contracts;
    const rights = [
      [LoanBook.address, "function setCurrency(address,bool)"],
      [LoanBook.address, "function registerPool(address)"],
      [LoanBook.address, "function setRecorder(address,bool)"],
      [LoanBook.address, "function pause()"],
      [LendingPool.address, "function unpause()"],
      [LendingPool.address, "function adoptLoanBook(address)"],
      [LendingPool.address, "function withdrawCover(uint256,address)"],
      [LendingPool.address, "function collectFees(address)"],
      [LendingPool.address, selectorOf(lendingPoolAbi, "setLimits")],
      [LendingPool.address, "function approveLoan(bytes32)"],
      [WalletRecovery.address, "function requestRecovery(address,address,bytes32)"],
      [KycRegistry.address, "function revoke(address,uint32)"],
      [KycRegistry.address, "function blockAccounts(address[],bytes32)"],
      [KycRegistry.address, "function unblock(address,bytes32)"],
      [KycRegistry.address, "function relistIssuer(address)"],
    ] as const;
    for (const [target, signature] of rights) {
      expect(await canCall(deployer, target, signature), signature).to.deep.equal([false, 0]);
    }
  });

  it("gives each role to its holders alone, to two people that of underwriters, the governor's behind the delay", async () => {
    for (const person of PEOPLE) {
      const delay = person === "governor" ? GOVERNOR_DELAY_S : 0;
      expect(await hasRole(roleOf(person), address(person)), person).to.deep.equal([true, delay]);
    }
    const granted = await client.getContractEvents({
      ...manager(),
      eventName: "RoleGranted",
      fromBlock: 0n,
    });
    const holders = granted.map(({ args }) => `${args.roleId} ${args.account}`).sort();
    expect(holders).to.deep.equal(
      [`0 ${address("deployer")}`, ...PEOPLE.map((person) => `${roleOf(person)} ${address(person)}`)].sort(),
    );
  });

  it("parts every right between the people; what is nobody's is the governor's, after the delay", async () => {
    const { LoanBook, LendingPool, KycRegistry, WalletRecovery } = deployment.contracts;
    type Rights = [(typeof PEOPLE)[number] | "underwriters", Address, Abi, string[]][];
    const rights: Rights = [
      ["underwriters", LendingPool.address, lendingPoolAbi, ["originate", "approveLoan", "restructure"]],
      ["supervisor", LendingPool.address, lendingPoolAbi, ["writeOff", "sellNote", "depositCover"]],
      ["supervisor", WalletRecovery.address, walletRecoveryAbi, ["requestRecovery"]],
      ["supervisor", KycRegistry.address, kycRegistryAbi, ["unblock"]],
      ["guardian", LoanBook.address, loanBookAbi, ["pause"]],
      ["guardian", LendingPool.address, lendingPoolAbi, ["pause"]],
      ["kycIssuer", KycRegistry.address, kycRegistryAbi, ["anchor", "revoke", "revokeMany"]],
      [
        "compliance",
        KycRegistry.address,
        kycRegistryAbi,
        ["blockAccounts", "requestUnblock", "delistIssuer"],
      ],
      ["compliance", WalletRecovery.address, walletRecoveryAbi, ["approveRecovery"]],
      ["governor", KycRegistry.address, kycRegistryAbi, ["relistIssuer"]],
      ["governor", LoanBook.address, loanBookAbi, ["setCurrency", "registerPool", "setRecorder", "unpause"]],
      [
        "governor",
        LendingPool.address,
        lendingPoolAbi,
        ["setLimits", "adoptLoanBook", "withdrawCover", "collectFees", "unpause"],
      ],
    ];
    const people = [...PEOPLE, "lender", "borrower"] as const;
    const cases = rights.flatMap(([right, target, abi, names]) =>
      names.flatMap((name) =>
        people.map((person) => ({ right, target, selector: selectorOf(abi, name), person })),
      ),
    );
    const allowed = await Promise.all(
      cases.map(({ person, target, selector }) => canCall(address(person), target, selector)),
    );
    cases.forEach(({ right, person, selector }, index) => {
      expect(allowed[index], `${person} ${selector}`).to.deep.equal(mayCall(right, person));
    });
  });

  it("puts changes of the rules behind a delay too, as soon as the manager lets it", async () => {
    const managed = targets();
    const delayOf = (target: Address) =>
      client.readContract({ ...manager(), functionName: "getTargetAdminDelay", args: [target] });
    const scheduled = await client.getContractEvents({
      ...manager(),
      eventName: "TargetAdminDelayUpdated",
      fromBlock: 0n,
    });
    const delayed = scheduled.map(({ args }) => [args.target, args.delay]);
    expect(delayed).to.deep.equal(managed.map((target) => [target, GOVERNOR_DELAY_S]));
    await client.request({ method: "evm_increaseTime", params: [MIN_SETBACK_S + 1] } as never);
    await client.request({ method: "evm_mine", params: [] } as never);
    for (const target of managed) expect(await delayOf(target)).to.equal(GOVERNOR_DELAY_S);
  });

  it("registers the pool, which asks the registry for KYC, and allows its currency", async () => {
    const { LoanBook, LendingPool, KycRegistry, WalletRecovery } = deployment.contracts;
    const TestDollar = dollar();
    const book = { address: LoanBook.address, abi: loanBookAbi } as const;
    const pool = { address: LendingPool.address, abi: lendingPoolAbi } as const;
    const [registered, allowed, asset, loanBook, offset, oracle, wallets] = await Promise.all([
      client.readContract({ ...book, functionName: "isPool", args: [LendingPool.address] }),
      client.readContract({ ...book, functionName: "isCurrencyAllowed", args: [TestDollar.address] }),
      client.readContract({ ...pool, functionName: "asset" }),
      client.readContract({ ...pool, functionName: "loanBook" }),
      client.readContract({ ...pool, functionName: "utcOffset" }),
      client.readContract({ ...pool, functionName: "kycOracle" }),
      client.readContract({ ...book, functionName: "walletRecovery" }),
    ]);
    expect([registered, allowed, asset, loanBook, offset, oracle, wallets]).to.deep.equal([
      true,
      true,
      getAddress(TestDollar.address),
      getAddress(LoanBook.address),
      UTC_OFFSET_S,
      getAddress(KycRegistry.address),
      getAddress(WalletRecovery.address),
    ]);
  });

  it("sets the pool's rules and limits and puts a seed into it that nobody gets back", async () => {
    const pool = { address: deployment.contracts.LendingPool.address, abi: lendingPoolAbi } as const;
    const seed = seedDeposit(TOKEN_DECIMALS);
    const [rules, limits, books, shares, held] = await Promise.all([
      client.readContract({ ...pool, functionName: "rules" }),
      client.readContract({ ...pool, functionName: "limits" }),
      client.readContract({ ...pool, functionName: "books" }),
      client.readContract({ ...pool, functionName: "balanceOf", args: [NOBODY] }),
      client.readContract({
        address: dollar().address,
        abi: testDollarAbi,
        functionName: "balanceOf",
        args: [pool.address],
      }),
    ]);
    expect(rules).to.deep.equal(poolRules(UTC_OFFSET_S, TOKEN_DECIMALS));
    expect(limits).to.deep.equal(lendingLimits(TOKEN_DECIMALS));
    expect([books.cash, shares, held]).to.deep.equal([seed, seed * 10n ** 6n, seed]);
  });

  it("obeys one manager in every contract", async () => {
    for (const target of targets()) {
      const authority = await client.readContract({
        address: target,
        abi: loanBookAbi,
        functionName: "authority",
      });
      expect(authority).to.equal(getAddress(deployment.contracts.AccessManager.address));
    }
  });

  it("records what an auditor needs: code at each address, arguments, and the compiler's input without any test", async () => {
    const { contracts, libraries } = deployment;
    for (const [name, contract] of Object.entries({ ...contracts, ...libraries })) {
      if (contract === undefined) continue;
      const code = await client.getCode({ address: contract.address });
      expect((code ?? "0x").length, name).to.be.greaterThan(2);
      const receipt = await client.getTransactionReceipt({ hash: contract.transactionHash });
      expect(getAddress(receipt.contractAddress ?? "0x"), name).to.equal(getAddress(contract.address));
    }
    for (const { address: at, libraries: linked } of [contracts.LoanBook, contracts.LendingPool]) {
      const code = (await client.getCode({ address: at })) ?? "0x";
      expect(Object.keys(linked)).to.not.be.empty;
      for (const [name, library] of Object.entries(linked)) {
        expect(libraries[name]?.address, name).to.equal(library);
        expect(code.includes(library.slice(2).toLowerCase()), name).to.equal(true);
      }
    }
    const record = await readFile(join(localDeploymentDir(stateDir), "input.json"), "utf8");
    const { input } = JSON.parse(record) as { input: { sources: Record<string, unknown> } };
    const sources = Object.keys(input.sources);
    expect(sources.filter((name) => name.includes("test"))).to.deep.equal([]);
    expect(sources.some((name) => name.endsWith("contracts/LoanBook.sol"))).to.equal(true);
  });

  it("is made once: a second call changes nothing on the chain", async () => {
    const height = await client.getBlockNumber({ cacheTime: 0 });
    const files = await fingerprint(localDeploymentDir(stateDir));
    const { fresh } = await ensureDeployed({ rpcUrl: anvil.rpcUrl, stateDir });
    expect([fresh, await client.getBlockNumber({ cacheTime: 0 })]).to.deep.equal([false, height]);
    expect(await fingerprint(localDeploymentDir(stateDir))).to.deep.equal(files);
  });

  it("is refused on another chain than the one it was made on", async () => {
    const other = await startAnvil({ chainId: CHAIN_ID, genesisTime: 1_700_000_000 });
    const error = await ensureDeployed({ rpcUrl: other.rpcUrl, stateDir }).then(
      () => undefined,
      (reason: { code?: string }) => reason,
    );
    await other.stop();
    expect(error).to.have.property("code", "wrong_chain");
  });

  function dollar() {
    const { TestDollar } = deployment.contracts;
    if (TestDollar === undefined) throw new Error("a local deployment has a test dollar");
    return TestDollar;
  }

  /** What obeys the manager. */
  function targets(): Address[] {
    const { LoanBook, LendingPool, KycRegistry, WalletRecovery } = deployment.contracts;
    return [LoanBook, LendingPool, KycRegistry, WalletRecovery].map((contract) =>
      getAddress(contract.address),
    );
  }

  function manager() {
    return { address: deployment.contracts.AccessManager.address, abi: accessManagerAbi } as const;
  }

  async function hasRole(role: bigint, account: Address) {
    return [...(await client.readContract({ ...manager(), functionName: "hasRole", args: [role, account] }))];
  }

  async function canCall(account: Address, target: Address, signature: string) {
    const selector = signature.startsWith("0x")
      ? (signature as `0x${string}`)
      : toFunctionSelector(signature);
    const args = [account, target, selector] as const;
    return [...(await client.readContract({ ...manager(), functionName: "canCall", args }))];
  }
});

/** Whether the person may call at once, and after which delay otherwise, what is the right of `right`. */
function mayCall(right: string, person: string): [atOnce: boolean, delay: number] {
  if (right === "governor") return [false, person === right ? GOVERNOR_DELAY_S : 0];
  if (right === "underwriters") return [person === "underwriter" || person === "approver", 0];
  return [person === right, 0];
}

function address(role: LocalRole): Address {
  return getAddress(localSigner(role, CHAIN_ID).address);
}

function selectorOf(abi: Abi, name: string): string {
  const item = abi.find((entry) => entry.type === "function" && entry.name === name);
  if (item?.type !== "function") throw new Error(`there is no function ${name}`);
  return toFunctionSelector(item);
}

async function fingerprint(directory: string): Promise<string[]> {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((file) =>
    file.isFile(),
  );
  const digests = files.map(async (file) => {
    const path = join(file.parentPath, file.name);
    return `${path} ${keccak256(await readFile(path))}`;
  });
  return (await Promise.all(digests)).sort();
}
