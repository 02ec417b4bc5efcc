import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type Address, getAddress, keccak256, type PublicClient, toFunctionSelector, zeroHash } from "viem";
import { accessManagerAbi, kycRegistryAbi, lendingPoolAbi, loanBookAbi } from "../../chain/abi.ts";
import { connect } from "../../chain/clients.ts";
import { type Deployment, readDeployment } from "../../chain/deployment.ts";
import { type LocalRole, localSigner } from "../../chain/operator.ts";
import { ensureBuilt } from "../../scripts/build.ts";
import { GOVERNOR_DELAY_S, roles } from "../../scripts/deploy/module.ts";
import { ensureDeployed, localDeploymentDir } from "../../scripts/deploy.ts";
import { startAnvil, type TestAnvil } from "../support/anvil.ts";

/** AccessManager puts a longer delay into effect after five days at the earliest. */
const MIN_SETBACK_S = 5 * 86_400;

const CHAIN_ID = 31_337;

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
    const { LoanBook, LendingPool } = deployment.contracts;
    const KycRegistry = registry();
    const rights = [
      [LoanBook.address, "function setCurrency(address,bool)"],
      [LoanBook.address, "function registerPool(address)"],
      [LoanBook.address, "function pause()"],
      [LendingPool.address, "function unpause()"],
      [KycRegistry.address, "function revoke(address,uint32)"],
      [KycRegistry.address, "function blockAccounts(address[],bytes32)"],
      [KycRegistry.address, "function unblock(address,bytes32)"],
      [KycRegistry.address, "function relistIssuer(address)"],
    ] as const;
    for (const [target, signature] of rights) {
      expect(await canCall(deployer, target, signature), signature).to.deep.equal([false, 0]);
    }
  });

  it("gives each role to its holder alone, the governor's behind the delay", async () => {
    for (const role of ["underwriter", "supervisor", "guardian", "kycIssuer", "compliance"] as const) {
      expect(await hasRole(roles[role], address(role)), role).to.deep.equal([true, 0]);
    }
    expect(await hasRole(roles.governor, address("governor"))).to.deep.equal([true, GOVERNOR_DELAY_S]);
    const granted = await client.getContractEvents({
      ...manager(),
      eventName: "RoleGranted",
      fromBlock: 0n,
    });
    const holders = granted.map(({ args }) => `${args.roleId} ${args.account}`).sort();
    expect(holders).to.deep.equal(
      [
        `0 ${address("deployer")}`,
        ...(["governor", "underwriter", "supervisor", "guardian", "kycIssuer", "compliance"] as const).map(
          (role) => `${roles[role]} ${address(role)}`,
        ),
      ].sort(),
    );
  });

  it("lets the underwriter lend at once, the guardian pause at once, and the governor the rest after the delay", async () => {
    const { LoanBook, LendingPool } = deployment.contracts;
    const originate = selectorOf(lendingPoolAbi, "originate");
    expect(await canCall(address("underwriter"), LendingPool.address, originate)).to.deep.equal([true, 0]);
    expect(await canCall(address("governor"), LendingPool.address, originate)).to.deep.equal([false, 0]);
    for (const { address: target } of [LoanBook, LendingPool]) {
      expect(await canCall(address("guardian"), target, "function pause()")).to.deep.equal([true, 0]);
      expect(await canCall(address("guardian"), target, "function unpause()")).to.deep.equal([false, 0]);
      expect(await canCall(address("governor"), target, "function unpause()")).to.deep.equal([
        false,
        GOVERNOR_DELAY_S,
      ]);
    }
  });

  it("parts the KYC registry between issuer, compliance and supervisor; relisting is the governor's", async () => {
    const { address: target } = registry();
    const people = ["kycIssuer", "compliance", "supervisor", "underwriter", "guardian", "lender"] as const;
    for (const [right, names] of [
      ["kycIssuer", ["anchor", "revoke", "revokeMany"]],
      ["compliance", ["blockAccounts", "requestUnblock", "delistIssuer"]],
      ["supervisor", ["unblock"]],
      ["governor", ["relistIssuer"]],
    ] as const) {
      for (const selector of names.map((name) => selectorOf(kycRegistryAbi, name))) {
        for (const person of people) {
          expect(await canCall(address(person), target, selector)).to.deep.equal([person === right, 0]);
        }
        const delay = right === "governor" ? GOVERNOR_DELAY_S : 0;
        expect(await canCall(address("governor"), target, selector)).to.deep.equal([false, delay]);
      }
    }
  });

  it("puts changes of the rules behind a delay too, as soon as the manager lets it", async () => {
    const { LoanBook, LendingPool } = deployment.contracts;
    const delayOf = (target: Address) =>
      client.readContract({ ...manager(), functionName: "getTargetAdminDelay", args: [target] });
    const scheduled = await client.getContractEvents({
      ...manager(),
      eventName: "TargetAdminDelayUpdated",
      fromBlock: 0n,
    });
    const targets = scheduled.map(({ args }) => [args.target, args.delay]);
    expect(targets).to.deep.equal([
      [getAddress(LoanBook.address), GOVERNOR_DELAY_S],
      [getAddress(LendingPool.address), GOVERNOR_DELAY_S],
      [getAddress(registry().address), GOVERNOR_DELAY_S],
    ]);
    await client.request({ method: "evm_increaseTime", params: [MIN_SETBACK_S + 1] } as never);
    await client.request({ method: "evm_mine", params: [] } as never);
    for (const { address: target } of [LoanBook, LendingPool, registry()]) {
      expect(await delayOf(target)).to.equal(GOVERNOR_DELAY_S);
    }
  });

  it("registers the pool and allows its currency", async () => {
    const { LoanBook, LendingPool, TestDollar } = deployment.contracts;
    if (TestDollar === undefined) throw new Error("a local deployment has a test dollar");
    const book = { address: LoanBook.address, abi: loanBookAbi } as const;
    const pool = { address: LendingPool.address, abi: lendingPoolAbi } as const;
    const [registered, allowed, asset, loanBook, offset] = await Promise.all([
      client.readContract({ ...book, functionName: "isPool", args: [LendingPool.address] }),
      client.readContract({ ...book, functionName: "isCurrencyAllowed", args: [TestDollar.address] }),
      client.readContract({ ...pool, functionName: "asset" }),
      client.readContract({ ...pool, functionName: "loanBook" }),
      client.readContract({ ...pool, functionName: "utcOffset" }),
    ]);
    expect([registered, allowed, asset, loanBook, offset]).to.deep.equal([
      true,
      true,
      getAddress(TestDollar.address),
      getAddress(LoanBook.address),
      10_800,
    ]);
  });

  it("obeys one manager in every contract", async () => {
    const { LoanBook, LendingPool } = deployment.contracts;
    for (const { address: target } of [LoanBook, LendingPool, registry()]) {
      const authority = await client.readContract({
        address: target,
        abi: loanBookAbi,
        functionName: "authority",
      });
      expect(authority).to.equal(getAddress(deployment.contracts.AccessManager.address));
    }
  });

  it("records what an auditor needs: code at each address, arguments, and the compiler's input without any test", async () => {
    for (const [name, contract] of Object.entries(deployment.contracts)) {
      if (contract === undefined) continue;
      const code = await client.getCode({ address: contract.address });
      expect((code ?? "0x").length, name).to.be.greaterThan(2);
      const receipt = await client.getTransactionReceipt({ hash: contract.transactionHash });
      expect(getAddress(receipt.contractAddress ?? "0x"), name).to.equal(getAddress(contract.address));
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

  function registry() {
    const { KycRegistry } = deployment.contracts;
    if (KycRegistry === undefined) throw new Error("a new deployment has a KYC registry");
    return KycRegistry;
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

function address(role: LocalRole): Address {
  return getAddress(localSigner(role, CHAIN_ID).address);
}

function selectorOf(abi: typeof lendingPoolAbi | typeof kycRegistryAbi, name: string): string {
  const item = abi.find((entry) => entry.type === "function" && entry.name === name);
  return item?.type === "function" ? toFunctionSelector(item) : zeroHash;
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
