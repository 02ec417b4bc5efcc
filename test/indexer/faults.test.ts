import { expect } from "chai";
import { encodeEventTopics } from "viem";
import { loanBookAbi } from "../../chain/abi.ts";
import { AhadiError } from "../../platform/errors.ts";
import { startAnvil } from "../support/anvil.ts";
import { createLifecycle } from "./support/lifecycle.ts";
import { ask, dump, until } from "./support/mirror.ts";
import { type Faults, type RpcCall, startProxy } from "./support/proxy.ts";
import { deep, randomFrom, seedOf } from "./support/random.ts";
import { caughtUp, emptyMirror, rebuilt, startIndexer, theWorld, type World } from "./support/world.ts";

interface RpcLog {
  blockNumber: string;
  blockHash: string;
  logIndex: string;
  address: string;
  topics: string[];
}

describe("indexer: nodes that fail", function () {
  this.timeout(deep ? 900_000 : 60_000);
  let world: World;

  before(async () => {
    world = await theWorld();
    const lifecycle = createLifecycle(world.institution, randomFrom(7));
    await lifecycle.begin();
    await lifecycle.play(40);
  });

  const logsIn = (call: RpcCall, result: unknown): RpcLog[] =>
    call.method === "eth_getLogs" && Array.isArray(result) ? (result as RpcLog[]) : [];

  /** Mirrors through a faulty node, then compares with a mirror made without it. */
  async function mirrorThrough(faults: Faults): Promise<void> {
    const rpcUrl = await startProxy(world.rpcUrl, faults);
    const databaseUrl = await emptyMirror();
    const indexer = startIndexer({ ...world, rpcUrl, databaseUrl });
    await Promise.race([caughtUp(world, databaseUrl), indexer.done]);
    await indexer.stop();
    expect(await dump(databaseUrl)).to.deep.equal(await rebuilt(world));
  }

  /** Each answer is spoiled a few times, then the node recovers. */
  const times = (count: number) => {
    let left = count;
    return () => left-- > 0;
  };

  it("believes no log that belongs to another block than its header", async () => {
    const again = times(2);
    await mirrorThrough({
      answer(call, result) {
        const [first, ...rest] = logsIn(call, result);
        if (first === undefined || !again()) return undefined;
        return { result: [{ ...first, blockHash: `0x${"de".repeat(32)}` }, ...rest] };
      },
    });
  });

  it("refuses a log that comes twice, and a log of another contract", async () => {
    for (const extra of [{}, { address: `0x${"99".repeat(20)}` }]) {
      const again = times(1);
      await mirrorThrough({
        answer(call, result) {
          const logs = logsIn(call, result);
          return logs.length > 0 && again() ? { result: [...logs, { ...logs[0], ...extra }] } : undefined;
        },
      });
    }
  });

  it("sees that logs of a block are missing, whether all or some", async () => {
    for (const left of [0, 1]) {
      const again = times(1);
      let spoiled = 0;
      await mirrorThrough({
        answer(call, result) {
          const logs = logsIn(call, result);
          const byHash = JSON.stringify(call.params).includes("blockHash");
          if (!byHash || logs.length < 2 || !again()) return undefined;
          spoiled++;
          return { result: logs.slice(0, left) };
        },
      });
      expect(spoiled).to.equal(1);
    }
  });

  it("sees in a long range that the story of a loan has a gap", async () => {
    await world.institution.mine(80);
    for (const eventName of ["LoanOriginated", "InstalmentRepaid", "Repaid"] as const) {
      const [topic] = encodeEventTopics({ abi: loanBookAbi, eventName });
      const again = times(1);
      let spoiled = 0;
      await mirrorThrough({
        answer(call, result) {
          const logs = logsIn(call, result);
          const at = logs.findIndex(({ topics }) => topics[0] === topic);
          if (at < 0 || !again()) return undefined;
          spoiled++;
          return { result: logs.toSpliced(at, 1) };
        },
      });
      expect(spoiled, eventName).to.equal(1);
    }
  });

  it("does not mix two forks in one range when the chain forks between two questions", async () => {
    const { institution } = world;
    const id = await institution.rpc<string>("evm_snapshot");
    await institution.mine(120);
    let forked = false;
    await mirrorThrough({
      async answer(call) {
        if (forked || call.method !== "eth_getLogs") return undefined;
        forked = true;
        // The logs are of the old fork, every header from here on of the new one, where an empty block has a loan.
        await institution.rpc("evm_revert", id);
        await institution.originate({ schedule: await institution.monthly(2) });
        await institution.mine(150);
        return undefined;
      },
    });
    expect(forked).to.equal(true);
  });

  it("makes its ranges smaller until the node accepts them", async () => {
    await world.institution.mine(120);
    const widths: number[] = [];
    await mirrorThrough({
      answer(call) {
        const [filter] = call.params as [{ fromBlock?: string; toBlock?: string }];
        if (call.method !== "eth_getLogs" || filter.fromBlock === undefined) return undefined;
        const width = Number(filter.toBlock) - Number(filter.fromBlock) + 1;
        widths.push(width);
        return width > 40 ? { error: { code: -32602, message: "at most 40 blocks" } } : undefined;
      },
    });
    expect(Math.max(...widths)).to.be.greaterThan(40);
  });

  it("waits for a block that the node announces but does not have yet", async () => {
    const again = times(4);
    await mirrorThrough({
      answer(call) {
        const byNumber =
          call.method === "eth_getBlockByNumber" && call.params[0] !== "latest" && call.params[0] !== "0x0";
        return byNumber && again() ? { result: null } : undefined;
      },
    });
  });

  it("does without block receipts where the node has none", async () => {
    await mirrorThrough({
      answer: ({ method }) =>
        method === "eth_getBlockReceipts"
          ? { error: { code: -32601, message: "method not found" } }
          : undefined,
    });
  });

  it("comes to the same rows through random failures of every kind", async () => {
    const random = randomFrom(seedOf(8));
    for (let round = 0; round < (deep ? 60 : 3); round++) {
      let calm = 0;
      // Faults come in bursts with a pause after each, as outages do; a node that never answers is another test.
      const strikes = (): boolean => {
        if (calm > 0) {
          calm--;
          return false;
        }
        if (!random.chance(0.2)) return false;
        calm = 3;
        return true;
      };
      await mirrorThrough({
        transport: () => (strikes() ? random.pick(["status", "cut", "drop"] as const) : undefined),
        answer(call, result) {
          const logs = logsIn(call, result);
          if (logs.length === 0 || !random.chance(0.05)) return undefined;
          const [first] = logs;
          return random.pick([
            { error: { code: -32005, message: "rate limit" } },
            { result: null },
            { result: [...logs, first] },
            { result: [{ ...first, blockHash: `0x${"00".repeat(32)}` }] },
          ]);
        },
      });
    }
  });

  it("says when it last saw the head while the node is away, and catches up when it is back", async () => {
    let away = false;
    const rpcUrl = await startProxy(world.rpcUrl, { transport: () => (away ? "drop" : undefined) });
    const databaseUrl = await emptyMirror();
    const indexer = startIndexer({ ...world, rpcUrl, databaseUrl });
    await caughtUp(world, databaseUrl);
    const seenAt = async () =>
      (await ask<{ at: string }>(databaseUrl, "select head_seen_at::text as at from chain.checkpoint"))[0]
        ?.at;
    const before = await seenAt();
    await until("the head is looked at again", async () => (await seenAt()) !== before);
    away = true;
    await world.institution.deposit(3n);
    away = false;
    await caughtUp(world, databaseUrl);
    await indexer.stop();
  });

  describe("what waiting does not mend", () => {
    const failureOf = async (options: Parameters<typeof startIndexer>[0]): Promise<unknown> =>
      await startIndexer(options).done.then(
        () => "it ended",
        (error: unknown) => error,
      );

    it("is another chain behind the address", async () => {
      const other = await startAnvil({ genesisTime: 1_700_000_000 });
      const error = await failureOf({ ...world, rpcUrl: other.rpcUrl, databaseUrl: await emptyMirror() });
      await other.stop();
      expect(error).to.be.instanceOf(AhadiError).with.property("code", "wrong_chain");
    });

    it("is a database that mirrors another chain or deployment", async () => {
      const databaseUrl = await emptyMirror();
      const indexer = startIndexer({ ...world, databaseUrl });
      await caughtUp(world, databaseUrl);
      await indexer.stop();
      const before = await dump(databaseUrl);
      for (const change of [
        "chain_id = 1",
        "genesis_hash = loan_book || '\\x000000000000000000000000'",
        `loan_book = '\\x${"11".repeat(20)}'`,
        `kyc_registry = '\\x${"11".repeat(20)}'`,
        `wallet_recovery = '\\x${"11".repeat(20)}'`,
      ]) {
        await ask(databaseUrl, "begin; create table if not exists kept as table chain.mirror; commit");
        await ask(databaseUrl, `update chain.mirror set ${change}`);
        const error = await failureOf({ ...world, databaseUrl });
        expect(error, change).to.be.instanceOf(AhadiError).with.property("code", "mirror_of_another_chain");
        await ask(databaseUrl, "truncate chain.mirror; insert into chain.mirror table kept");
      }
      expect(await dump(databaseUrl)).to.deep.equal(before);
    });

    it("is a missing deployment", async () => {
      const error = await failureOf({
        ...world,
        deploymentDir: "/nonexistent",
        databaseUrl: "postgres://nobody@127.0.0.1:1/x",
      });
      expect(error).to.be.instanceOf(AhadiError).with.property("code", "deployment_missing");
    });

    it("is a database without the schema", async () => {
      const databaseUrl = await emptyMirror();
      await ask(databaseUrl, "drop table chain.mirror");
      expect(await failureOf({ ...world, databaseUrl })).to.have.property("name", "FatalError");
    });
  });
});
