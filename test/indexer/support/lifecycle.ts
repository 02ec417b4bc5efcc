import type { Hex } from "viem";
import type { Agreement } from "../../../lending/agreement.ts";
import type { Institution } from "./institution.ts";
import type { Random } from "./random.ts";

const WATERFALLS = ["0x00010203", "0x03020100", "0x01020300", "0x02030001", "0x03000102"] as const;

/** Plays a random life of the institution, act by act, on the real contracts. */
export function createLifecycle(institution: Institution, random: Random) {
  const loans: Hex[] = [];
  const noted: Hex[] = [];

  const terms = async (): Promise<Partial<Agreement> & Pick<Agreement, "schedule">> => ({
    schedule: await institution.monthly(1 + random.below(5), BigInt(1_000 + random.below(20_000))),
    waterfall: random.pick(WATERFALLS),
    penaltyRateBps: random.pick([0, 1_000, 3_650, 40_000]),
    penaltyGraceDays: random.below(5),
    penaltyCap: random.pick([0n, 60n, 100_000n]),
    earlySettlement: random.below(2),
    upfrontFee: random.pick([0n, 150n]),
  });

  const acts: Record<string, () => Promise<unknown>> = {
    deposit: () => institution.deposit(BigInt(1 + random.below(100_000))),
    withdraw: () => institution.withdraw(BigInt(1 + random.below(50))),
    async originate() {
      loans.push(await institution.originate(await terms()));
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
    async repay() {
      if (loans.length > 0) await repay(random.pick(loans), BigInt(1 + random.below(9_000)));
    },
    async payOff() {
      if (loans.length > 0) await repay(random.pick(loans), 10n ** 9n);
    },
    async wait() {
      await institution.goToDay((await institution.today()) + 1 + random.below(50));
    },
    mine: () => institution.mine(1 + random.below(4)),
    withdrawConsent: () => institution.withdrawConsent(`0x${"ab".repeat(32)}`),
  };
  const names = [...Object.keys(acts), "repay", "repay", "repay", "repay", "originate", "wait", "wait"];

  const repay = async (loanId: Hex, amount: bigint): Promise<void> => {
    if (await institution.isActive(loanId)) await institution.repay(loanId, amount);
    else loans.splice(loans.indexOf(loanId), 1);
  };

  return {
    /** Puts money into the pool, so that all acts are possible. */
    begin: () => institution.deposit(10_000_000n),
    async play(count: number): Promise<void> {
      for (let i = 0; i < count; i++) await acts[random.pick(names)]?.();
    },
  };
}
