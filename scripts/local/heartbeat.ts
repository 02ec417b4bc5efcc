import { rpc } from "./rpc.ts";

const LONGEST_SILENCE_MS = 15_000;
const LOOK_EVERY_MS = 3_000;

/** Brings a local chain that has slept to the time of this machine, unless somebody has moved it ahead of it. */
export async function catchUpWithClock(rpcUrl: string): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  if ((await head(rpcUrl)).time >= now) return;
  await rpc(rpcUrl, "anvil_setTime", [now]);
  await rpc(rpcUrl, "evm_mine");
}

/** "Today" is chain time: a chain in which nothing happens mines an empty block now and then. Returns how to end it. */
export function startHeartbeat(rpcUrl: string): () => void {
  let last = { number: -1, at: Date.now() };
  const beat = async (): Promise<void> => {
    const { number } = await head(rpcUrl);
    if (number !== last.number) last = { number, at: Date.now() };
    else if (Date.now() - last.at >= LONGEST_SILENCE_MS) await rpc(rpcUrl, "evm_mine");
  };
  // A missed beat is made up by the next; that the chain has ended is the supervisor's news.
  const timer = setInterval(() => void beat().catch(() => {}), LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

async function head(rpcUrl: string): Promise<{ number: number; time: number }> {
  const block = (await rpc(rpcUrl, "eth_getBlockByNumber", ["latest", false])) as {
    number: string;
    timestamp: string;
  };
  return { number: Number(block.number), time: Number(block.timestamp) };
}

/** Whether the node lets us move its clock, as local development nodes do. */
export function canTravel(rpcUrl: string): Promise<boolean> {
  return rpc(rpcUrl, "evm_increaseTime", ["0x0"]).then(
    () => true,
    () => false,
  );
}
