/** One step of the virtual machine, as `debug_traceTransaction` tells it. */
interface Step {
  op: string;
  gas: number;
  gasCost: number;
  depth: number;
  stack: string[];
}

export interface Trace {
  structLogs: Step[];
}

/**
 * Where the gas of a part of a call went: how often, and gas. What was touched before in the same transaction is warm
 * (EIP-2929), costs little and counts as `code`.
 *
 * - `slotsRead`: slots that were read for the first time
 * - `slotsWritten`: slots whose value was changed, without the reading
 * - `accounts`: contracts, libraries and code with terms that were touched for the first time
 * - `created`: contract code that was written
 * - `code`: all else, what is computed, decoded, encoded and copied; steps are not counted
 */
export type Account = Partial<Record<Kind, { times?: number; gas: number }>>;
type Kind = "slotsRead" | "slotsWritten" | "accounts" | "events" | "created" | "code";

const COLD_ACCOUNT = 2_600;
const COLD_SLOT = 2_100;
/** A write that leaves a slot as it is, or changes it once more, costs no more than this. */
const WARM = 100;
const CALLS = new Set(["CALL", "STATICCALL", "DELEGATECALL", "CALLCODE"]);

/**
 * The gas of a trace by contract on whose storage it was used: what a linked library does counts for the contract that
 * called it. Without the transaction's own gas (21,000 and its data) and before refunds.
 * @param entry Whom the transaction calls.
 * @param names Contracts by address, lower case; others are "other".
 */
export function accountOf(trace: Trace, entry: string, names: Map<string, string>): Record<string, Account> {
  const steps = trace.structLogs;
  const accounts: Record<string, Account> = {};
  const owners = [entry.toLowerCase()];
  const own = ownCosts(steps);
  for (const [index, step] of steps.entries()) {
    owners.length = step.depth;
    const owner = owners.at(-1) ?? entry;
    const name = names.get(owner) ?? "other";
    accounts[name] ??= {};
    book(accounts[name], step.op, own[index] ?? 0);
    if ((steps[index + 1]?.depth ?? 0) > step.depth) {
      const callee = step.op.startsWith("CREATE") ? "" : addressOf(step.stack.at(-2) ?? "");
      owners.push(step.op === "DELEGATECALL" ? owner : callee);
    }
  }
  return accounts;
}

function book(account: Account, op: string, gas: number): void {
  const kind = kindOf(op, gas);
  const before = account[kind] ?? { gas: 0 };
  const sum = before.gas + gas;
  account[kind] = kind === "code" ? { gas: sum } : { times: (before.times ?? 0) + 1, gas: sum };
}

function kindOf(op: string, gas: number): Kind {
  if (op === "SLOAD") return gas >= COLD_SLOT ? "slotsRead" : "code";
  if (op === "SSTORE") return gas > WARM ? "slotsWritten" : "code";
  if (op.startsWith("LOG")) return "events";
  if (op.startsWith("CREATE")) return "created";
  if (CALLS.has(op) || op.startsWith("EXTCODE")) return gas >= COLD_ACCOUNT ? "accounts" : "code";
  return "code";
}

/** What each step used itself: of a call, without what was used inside it. */
function ownCosts(steps: Step[]): number[] {
  const own = new Array<number>(steps.length).fill(0);
  const open: { index: number; given: number }[] = [];
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1];
    if (next?.depth === step.depth) {
      own[index] = step.gas - next.gas;
    } else if (next !== undefined && next.depth > step.depth) {
      open.push({ index, given: next.gas });
    } else {
      own[index] = step.gasCost;
      const call = open.pop();
      const caller = call && steps[call.index];
      if (next === undefined || call === undefined || caller === undefined) continue;
      const usedInside = call.given - (step.gas - step.gasCost);
      own[call.index] = caller.gas - next.gas - usedInside;
    }
  }
  return own;
}

function addressOf(word: string): string {
  return `0x${word.replace(/^0x/, "").padStart(40, "0").slice(-40)}`.toLowerCase();
}
