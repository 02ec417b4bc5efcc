import type { Hex } from "viem";
import type { Institution, Terms } from "./institution.ts";
import type { Random } from "./random.ts";

const WATERFALLS = ["0x00010203", "0x03020100", "0x01020300", "0x02030001", "0x03000102"] as const;

/** Plays a random life of the institution, act by act, on the real contracts. */
export function createLifecycle(institution: Institution, random: Random) {
  const loans: Hex[] = [];
  /** Those whose note a person holds. */
  const noted: Hex[] = [];

  const terms = async (): Promise<Terms> => ({
    schedule: await institution.monthly(1 + random.below(5), BigInt(1_000 + random.below(20_000))),
    waterfall: random.pick(WATERFALLS),
    penaltyRateBps: random.pick([0, 1_000, 3_650, 40_000]),
    penaltyGraceDays: random.below(5),
    penaltyCap: random.pick([0n, 60n, 100_000n]),
    earlySettlement: random.below(2),
    upfrontFee: random.pick([0n, 150n]),
  });

  /** One of the loans in a state, if the one that is picked is in it. */
  const inState = async (...states: string[]): Promise<Hex | undefined> => {
    if (loans.length === 0) return undefined;
    const loanId = random.pick(loans);
    const state = await institution.stateOf(loanId);
    if (states.includes(state)) return loanId;
    if (state === "closed" || state === "cancelled") loans.splice(loans.indexOf(loanId), 1);
    return undefined;
  };
  const amount = (): bigint => BigInt(1 + random.below(9_000));

  const acts: Record<string, () => Promise<unknown>> = {
    deposit: () => institution.deposit(BigInt(1 + random.below(100_000))),
    async redeemNow() {
      if ((await institution.waitingShares()) === 0n)
        await institution.redeemNow(BigInt(200 + random.below(50)));
    },
    requestRedeem: () => institution.requestRedeem(BigInt(200 + random.below(5_000))),
    async fulfil() {
      if ((await institution.waitingShares()) > 0n) await institution.fulfil(BigInt(1 + random.below(3)));
    },
    claim: () => institution.claim(BigInt(random.pick([30, 100]))),
    async originate() {
      loans.push(await institution.originate(await terms()));
    },
    async originateAtDesk() {
      loans.push(await institution.originate({ ...(await terms()), payee: institution.desk }));
    },
    async activate() {
      const loanId = await inState("funded");
      if (loanId !== undefined && (await institution.isInWindow(loanId))) await institution.activate(loanId);
    },
    async cancel() {
      const loanId = await inState("funded");
      if (loanId !== undefined) await institution.cancel(loanId);
    },
    async giveBack() {
      const loanId = await inState("active");
      if (loanId !== undefined && (await institution.mayGiveBack(loanId))) await institution.giveBack(loanId);
    },
    async lendDirectly() {
      const loanId = await institution.lendDirectly(await terms());
      loans.push(loanId);
      noted.push(loanId);
    },
    async passNote() {
      const loanId = noted.pop();
      if (loanId !== undefined) await institution.passNote(loanId, `0x${"77".repeat(20)}`);
    },
    async sellNote() {
      const loanId = await inState("active");
      if (loanId !== undefined && (await institution.isPools(loanId))) await institution.sellNote(loanId);
    },
    async repay() {
      const loanId = await inState("active", "written_off");
      if (loanId !== undefined) await institution.repay(loanId, amount());
    },
    async repayNext() {
      const loanId = await inState("active");
      if (loanId !== undefined) await institution.repayNext(loanId);
    },
    async payOff() {
      const loanId = await inState("active", "written_off");
      if (loanId !== undefined) await institution.repay(loanId, 10n ** 9n);
    },
    async repayAtDesk() {
      const loanId = await inState("active");
      if (loanId === undefined) return;
      await institution.repayAtDesk(loanId, random.chance(0.2) ? 10n ** 9n : amount());
      if (random.chance(0.5)) await institution.reverseLatest();
    },
    reverse: () => institution.reverseLatest(),
    async repayMany() {
      const rows = loans.slice(0, 3).map((loanId) => ({ loanId, amount: amount() }));
      await institution.repayMany([...rows, { loanId: `0x${"cd".repeat(32)}`, amount: 1n }]);
    },
    async restructure() {
      const loanId = await inState("active");
      if (loanId !== undefined && (await institution.isOwnedByParty(loanId)))
        await institution.restructure(loanId, 1 + random.below(5));
    },
    async writeOff() {
      const loanId = await inState("active");
      if (loanId === undefined || !(await institution.isOwnedByParty(loanId))) return;
      if ((await institution.daysPastDue(loanId)) > 0) await institution.writeOff(loanId);
    },
    async wait() {
      await institution.goToDay((await institution.today()) + 1 + random.below(50));
    },
    mine: () => institution.mine(1 + random.below(4)),
    withdrawConsent: () => institution.withdrawConsent(`0x${"ab".repeat(32)}`),
  };
  const often = [
    "repay",
    "repay",
    "repayNext",
    "repayNext",
    "repayNext",
    "repayAtDesk",
    "originate",
    "wait",
    "wait",
  ];
  const names = [...Object.keys(acts), ...often];

  return {
    /** Puts money into the pool, so that all acts are possible. */
    begin: () => institution.deposit(10_000_000n),
    async play(count: number): Promise<void> {
      for (let i = 0; i < count; i++) await acts[random.pick(names)]?.();
    },
  };
}
