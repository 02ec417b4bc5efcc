import { type Address, encodeFunctionData, type Hex, keccak256 } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { lendingPoolAbi, loanBookAbi } from "../../../chain/abi.ts";
import { whileBlocked } from "./blocklist.ts";
import { type Institution, UNIT } from "./institution.ts";

const EVIDENCE = keccak256("0xe1");
const DAY_S = 86_400;

/** Somebody who has nothing to do with the institution. */
const stranger = (byte: string): Address => `0x${byte.repeat(20)}`;

/** Plays every turn that a loan, a pool, an account can take at least once, so that each table has a row of it. */
export async function playEverything(institution: Institution): Promise<void> {
  await institution.deposit(10_000_000n);
  await playLoans(institution);
  await playRestructuring(institution);
  await playShares(institution);
  await playGovernance(institution);
  await playKyc(institution);
  await playRecovery(institution);
  await playHeldPayment(institution);
}

async function playLoans(institution: Institution): Promise<void> {
  const monthly = async (months: number) => ({ schedule: await institution.monthly(months) });
  const paidOff = await institution.originate(await monthly(2));
  await institution.repay(paidOff, 100n);
  await institution.repayAtDesk(paidOff, 500n);
  await institution.reverseLatest();
  await institution.repay(paidOff, 200n);
  // A payoff that is taken back opens the loan again; it is closed for good by the next one.
  await institution.repayAtDesk(paidOff, 1_000_000n);
  await institution.reverseLatest();
  await institution.repay(paidOff, 1_000_000n);

  const activated = await institution.originate({ ...(await monthly(3)), payee: institution.desk });
  await institution.activate(activated);
  await institution.cancel(await institution.originate({ ...(await monthly(3)), payee: institution.desk }));
  await institution.giveBack(await institution.originate(await monthly(3)));
  // One instalment and a part of the next were paid before.
  const soonReturned = await institution.originate(await monthly(3));
  await institution.repay(soonReturned, 11_000n);
  await institution.giveBack(soonReturned);
  await institution.repayMany([
    { loanId: activated, amount: 300n },
    { loanId: `0x${"cd".repeat(32)}`, amount: 1n },
  ]);
  await institution.sellNote(activated);
  await institution.passNote(activated, stranger("77"));

  const givenUp = await institution.originate(await monthly(2));
  const bare = await institution.lendDirectly(await monthly(1));
  await institution.goToDay((await institution.today()) + 45);
  await institution.writeOff(givenUp);
  await institution.repay(givenUp, 4_000n);
  await institution.writeOff(bare);
}

/** A late loan is restructured, cured, and restructured once more while it is on time. */
async function playRestructuring(institution: Institution): Promise<void> {
  const loanId = await institution.originate({ schedule: await institution.monthly(3) });
  await institution.goToDay((await institution.today()) + 50);
  await institution.repay(loanId, 2_000n);
  await institution.restructure(loanId, 6);
  for (let nr = 0; nr < 3; nr++) {
    await institution.goToDay((await institution.today()) + 20);
    await institution.repayNext(loanId);
  }
  await institution.restructure(loanId, 4);
  await institution.repay(loanId, 900n);

  const uncured = await institution.originate({ schedule: await institution.monthly(3) });
  await institution.goToDay((await institution.today()) + 50);
  await institution.restructure(uncured, 5);
  await institution.repayNext(uncured);
}

async function playShares(institution: Institution): Promise<void> {
  const { poolContract, options, mined, lender } = institution;
  await institution.redeemNow(300n);
  await institution.requestRedeem(2_000n);
  await institution.requestRedeem(4_000n);
  await institution.fulfil(1n);
  await institution.claim(40n);
  const operator = [stranger("0e"), true] as const;
  await mined(poolContract.write.setOperator(operator, options(lender)));
}

async function playGovernance(institution: Institution): Promise<void> {
  const { govern, mined, options, at, pool, poolContract, book } = institution;
  const ofPool = (functionName: "collectFees" | "adoptLoanBook" | "unpause", args: readonly Hex[]) =>
    encodeFunctionData({ abi: lendingPoolAbi, functionName, args } as never);
  await govern(pool, ofPool("collectFees", [at("governor")]));
  await govern(pool, ofPool("adoptLoanBook", [book.address]));
  await mined(poolContract.write.pause(options(at("guardian"))));
  await govern(pool, ofPool("unpause", []));
  await mined(book.write.pause(options(at("guardian"))));
  await govern(book.address, encodeFunctionData({ abi: loanBookAbi, functionName: "unpause" }));
  await mined(poolContract.write.depositCover([5n * UNIT], options(at("supervisor"))));
  const undecided = keccak256("0x0d");
  await mined(poolContract.write.approveLoan([undecided], options(at("approver"))));
  await mined(poolContract.write.withdrawApproval([undecided], options(at("approver"))));
}

async function playKyc(institution: Institution): Promise<void> {
  const { registry, options, mined, at, anchor } = institution;
  const [revoked, blocked, requested, freed] = ["c1", "c2", "c3", "c4"].map(stranger) as [
    Address,
    Address,
    Address,
    Address,
  ];
  const comply = options(at("compliance"));
  for (const account of [revoked, blocked, requested]) await anchor(account);
  await mined(registry.write.revoke([revoked, 7], options(at("kycIssuer"))));
  await mined(registry.write.revoke([stranger("c5"), 3], options(at("kycIssuer"))));
  await mined(registry.write.blockAccounts([[blocked, requested, freed], EVIDENCE], comply));
  await mined(registry.write.requestUnblock([requested, EVIDENCE], comply));
  await mined(registry.write.requestUnblock([freed, EVIDENCE], comply));
  await mined(registry.write.unblock([freed, EVIDENCE], options(at("supervisor"))));
  await mined(registry.write.delistIssuer([stranger("15")], comply));
}

/** One borrower moves twice, one objects, one waits, and one has a new request beside what was approved. */
async function playRecovery(institution: Institution): Promise<void> {
  const { wallets, options, mined, at, passTime, rpc } = institution;
  const lost = privateKeyToAccount(generatePrivateKey());
  await institution.lendDirectly({ schedule: await institution.monthly(2) }, lost);
  const request = (account: Address, successor: Address) =>
    mined(wallets.write.requestRecovery([account, successor, EVIDENCE], options(at("supervisor"))));
  const approve = async (account: Address, successor: Address) => {
    await request(account, successor);
    const args = [account, successor, EVIDENCE] as const;
    await mined(wallets.write.approveRecovery(args, options(at("compliance"))));
  };
  const accept = async (account: Address, successor: Address) => {
    await rpc("hardhat_impersonateAccount", successor);
    await rpc("hardhat_setBalance", successor, "0xde0b6b3a7640000");
    await mined(wallets.write.acceptRecovery([account], options(successor)));
  };
  const [first, second, third] = [stranger("a1"), stranger("a2"), stranger("a3")];
  await approve(lost.address, first);
  await approve(at("guardian"), third);
  await request(at("guardian"), stranger("a4"));
  await mined(wallets.write.vetoRecovery(options(at("guardian"))));
  await approve(at("approver"), third);
  await request(at("approver"), stranger("a4"));
  await request(at("kycIssuer"), stranger("a5"));
  await passTime(4 * DAY_S);
  await accept(lost.address, first);
  await approve(first, second);
  await passTime(4 * DAY_S);
  await accept(first, second);
}

/** A note's owner whom the currency refuses is paid nothing; LoanBook keeps it, and gives a part of it out later. */
async function playHeldPayment(institution: Institution): Promise<void> {
  const { book, dollar, options, mined, lender } = institution;
  const [collected, kept] = [lender, stranger("ba")];
  for (const owner of [collected, kept]) {
    const loanId = await institution.lendDirectly({ schedule: await institution.monthly(1) });
    if (owner !== lender) await institution.passNote(loanId, owner);
    await whileBlocked(institution, owner, () => institution.repay(loanId, 700n));
  }
  await mined(book.write.collectHeld([dollar.address, collected], options(collected)));
}
