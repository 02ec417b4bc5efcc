import { join } from "node:path";
import { expect } from "chai";
import { catchUpWithClock } from "../../scripts/local/heartbeat.ts";
import { rpc } from "../../scripts/local/rpc.ts";
import { startAnvil, type TestAnvil } from "../support/anvil.ts";
import { temporaryFolder } from "../support/folder.ts";

const DAY_S = 86_400;
const LOGGER = "0x60006000a0";
const ACCOUNT = "0xf39Fd6e51aad88F6F4ce6aB8827279cfFFb92266";

interface Block {
  hash: string;
  number: string;
  timestamp: string;
}

const blockAt = async ({ rpcUrl }: TestAnvil, block: string): Promise<Block> =>
  (await rpc(rpcUrl, "eth_getBlockByNumber", [block, false])) as Block;
const now = (): number => Math.floor(Date.now() / 1000);

describe("the embedded chain", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let stateDir: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    stateDir = join(folder.path, "chain");
  });
  afterEach(() => folder.remove());

  it("keeps its first block, its blocks and its logs over many restarts", async () => {
    let chain = await startAnvil({ stateDir, genesisTime: now() - 100 * DAY_S });
    const genesis = await blockAt(chain, "0x0");
    const hash = await rpc(chain.rpcUrl, "eth_sendTransaction", [{ from: ACCOUNT, data: LOGGER }]);
    // anvil answers before the block is mined.
    while ((await rpc(chain.rpcUrl, "eth_getTransactionReceipt", [hash])) === null);
    const first = await blockAt(chain, "0x1");
    for (let restart = 0; restart < 4; restart++) {
      await chain.stop();
      chain = await startAnvil({ stateDir });
      expect((await blockAt(chain, "0x0")).hash, `restart ${restart}`).to.equal(genesis.hash);
      await rpc(chain.rpcUrl, "evm_mine");
    }
    expect((await blockAt(chain, "0x1")).hash).to.equal(first.hash);
    expect((await blockAt(chain, "latest")).number).to.equal("0x5");
    expect(await rpc(chain.rpcUrl, "eth_getLogs", [{ fromBlock: "0x0" }])).to.have.length(1);
    await chain.stop();
  });

  it("begins in the past, and has the machine's clock when it goes on", async () => {
    let chain = await startAnvil({ stateDir, genesisTime: now() - 100 * DAY_S });
    await rpc(chain.rpcUrl, "evm_mine");
    expect(Number((await blockAt(chain, "latest")).timestamp)).to.be.closeTo(now() - 100 * DAY_S, 5);
    await chain.stop();
    chain = await startAnvil({ stateDir });
    await catchUpWithClock(chain.rpcUrl);
    expect(Number((await blockAt(chain, "latest")).timestamp)).to.be.closeTo(now(), 5);
    await chain.stop();
  });

  it("stays ahead of the clock when somebody has moved it there", async () => {
    let chain = await startAnvil({ stateDir, genesisTime: now() });
    const ahead = now() + 10 * DAY_S;
    await rpc(chain.rpcUrl, "evm_setNextBlockTimestamp", [ahead]);
    await rpc(chain.rpcUrl, "evm_mine");
    await chain.stop();
    chain = await startAnvil({ stateDir });
    await catchUpWithClock(chain.rpcUrl);
    await rpc(chain.rpcUrl, "evm_mine");
    const { number, timestamp } = await blockAt(chain, "latest");
    expect(number, "catching up added no block").to.equal("0x2");
    expect(Number(timestamp)).to.be.closeTo(ahead, 10);
    await chain.stop();
  });
});
