import {
  type Account,
  type Address,
  createWalletClient,
  encodeFunctionData,
  getContract,
  type Hex,
  http,
  keccak256,
  parseEther,
  parseEventLogs,
  publicActions,
  toHex,
} from "viem";
import {
  accessManagerAbi,
  kycRegistryAbi,
  lendingPoolAbi,
  loanBookAbi,
  testDollarAbi,
  walletRecoveryAbi,
} from "../../../chain/abi.ts";
import { LOCAL_CHAIN_ID } from "../../../chain/clients.ts";
import type { Deployment } from "../../../chain/deployment.ts";
import { type LocalRole, localSigner } from "../../../chain/operator.ts";
import {
  type Agreement,
  agreementDomain,
  buildAgreement,
  consentTypedData,
  type Instalment,
  loanIdOf,
} from "../../../lending/agreement.ts";
import { receiptTypedData } from "../../../lending/receipt.ts";
import {
  buildRestructuring,
  type Restructuring,
  restructuringDigest,
  restructuringTypedData,
} from "../../../lending/restructuring.ts";
import { LOAN_STATES, type LoanState } from "../../../lending/standing.ts";
import { GOVERNOR_DELAY_S, roles } from "../../../scripts/deploy/module.ts";
import { KYC_POLICY, lendingLimits } from "../../../scripts/deploy/policy.ts";

const UTC_OFFSET_S = 3 * 3600;
const DAY_S = 86_400;
/** Base units of the test dollar per cent. */
export const UNIT = 10_000n;

/** Creation code of a contract of one byte: what a desk needs to be one. */
const TINY_CONTRACT = "0x600160005360016000f3";

export type Institution = Awaited<ReturnType<typeof openInstitution>>;
export type Terms = Partial<Agreement> & { schedule: readonly Instalment[] };

/** A payment through the desk, as it is taken back. */
type RecordedPayment = ReturnType<typeof recordsIn>[number];

/** People who really lend, borrow and repay on an anvil, whose accounts are unlocked. Amounts are minor units. */
export async function openInstitution(rpcUrl: string, deployment: Deployment) {
  const client = createWalletClient({ transport: http(rpcUrl), pollingInterval: 5 }).extend(publicActions);
  const rpc = <T>(method: string, ...params: unknown[]): Promise<T> =>
    client.request({ method, params } as unknown as Parameters<typeof client.request>[0]) as Promise<T>;
  const part = (role: LocalRole) => localSigner(role, LOCAL_CHAIN_ID);
  const at = (role: LocalRole): Address => part(role).address;
  const [lender, borrower] = [part("lender"), part("borrower")];

  const { contracts } = deployment;
  if (contracts.TestDollar === undefined) throw new Error("the deployment has no test dollar");
  const bookAddress = contracts.LoanBook.address;
  const poolAddress = contracts.LendingPool.address;
  const manager = getContract({ address: contracts.AccessManager.address, abi: accessManagerAbi, client });
  const registry = getContract({ address: contracts.KycRegistry.address, abi: kycRegistryAbi, client });
  const wallets = getContract({ address: contracts.WalletRecovery.address, abi: walletRecoveryAbi, client });
  const book = getContract({ address: bookAddress, abi: loanBookAbi, client });
  const pool = getContract({ address: poolAddress, abi: lendingPoolAbi, client });
  const dollar = getContract({ address: contracts.TestDollar.address, abi: testDollarAbi, client });
  const domain = agreementDomain(deployment.chainId, bookAddress);

  const options = (account: Address) => ({ account, chain: null, gas: 12_000_000n }) as const;
  const mined = async (sending: Promise<Hex>) => {
    const receipt = await client.waitForTransactionReceipt({ hash: await sending });
    if (receipt.status !== "success") throw new Error(`transaction ${receipt.transactionHash} was reverted`);
    return receipt;
  };

  const passTime = async (seconds: number): Promise<void> => {
    await rpc("evm_increaseTime", toHex(seconds));
    await rpc("evm_mine");
  };
  const today = async (): Promise<number> => {
    const { timestamp } = await client.getBlock();
    return Number((timestamp + BigInt(UTC_OFFSET_S)) / BigInt(DAY_S));
  };

  /** The governor decides, the delay passes, and what was decided is done. */
  const govern = async (target: Address, data: Hex) => {
    await mined(manager.write.schedule([target, data, 0], options(at("governor"))));
    await passTime(GOVERNOR_DELAY_S);
    return await mined(client.sendTransaction({ to: target, data, ...options(at("governor")) }));
  };

  /** The issuer's next statement about an account. */
  const anchor = async (account: Address, days = 1_800) => {
    const { sequence } = await registry.read.recordOf([account]);
    const { timestamp } = await client.getBlock();
    const credential = {
      account,
      policy: KYC_POLICY,
      commitment: keccak256(account),
      validUntil: Number(timestamp) + days * DAY_S,
      sequence: sequence + 1,
      issuer: at("kycIssuer"),
    };
    return await mined(registry.write.anchor([credential, "0x"], options(at("kycIssuer"))));
  };

  /** A contract that the governor registers as recorder: it pays, and takes back, for people without wallets. */
  const openDesk = async (): Promise<Address> => {
    const { contractAddress } = await mined(
      client.sendTransaction({ data: TINY_CONTRACT, ...options(at("deployer")) }),
    );
    const desk = contractAddress as Address;
    await rpc("hardhat_impersonateAccount", desk);
    await rpc("hardhat_setBalance", desk, toHex(parseEther("1000")));
    await govern(
      bookAddress,
      encodeFunctionData({ abi: loanBookAbi, functionName: "setRecorder", args: [desk, true] }),
    );
    return desk;
  };

  const desk = await openDesk();
  // Random loans are dear, and there are many.
  const limits = {
    ...lendingLimits(6),
    maxPerBorrower: 10n ** 20n,
    rateCapacity: 10n ** 20n,
    maxCostBps: 100_000,
  };
  await govern(
    poolAddress,
    encodeFunctionData({ abi: lendingPoolAbi, functionName: "setLimits", args: [limits] }),
  );
  // A restructuring takes three underwriters.
  await govern(
    manager.address,
    encodeFunctionData({
      abi: accessManagerAbi,
      functionName: "grantRole",
      args: [roles.underwriter, at("deployer"), 0],
    }),
  );
  // Everybody has money, and lets the contracts that need it take it.
  const plenty = 10n ** 18n;
  for (const account of [lender.address, borrower.address, at("underwriter"), at("supervisor"), desk]) {
    await mined(dollar.write.mint([account, plenty], options(at("deployer"))));
    await mined(dollar.write.approve([bookAddress, plenty], options(account)));
    await mined(dollar.write.approve([poolAddress, plenty], options(account)));
  }
  await mined(pool.write.depositCover([10_000_000n * UNIT], options(at("supervisor"))));
  await anchor(borrower.address);

  let salts = 0n;
  const agree = async (terms: Terms): Promise<Agreement> => {
    const day = await today();
    salts += 1n;
    const payee = terms.payee ?? terms.borrower ?? borrower.address;
    return buildAgreement({
      borrower: borrower.address,
      lender: poolAddress,
      currency: dollar.address,
      unit: UNIT,
      payee,
      disburseFromDay: day,
      disburseUntilDay: day,
      upfrontFee: 0n,
      penaltyRateBps: 3_650,
      penaltyGraceDays: 2,
      penaltyCap: 5_000n,
      waterfall: "0x00010203",
      earlySettlement: 1,
      reversalDays: 3,
      coolingOffDays: 2,
      utcOffset: UTC_OFFSET_S,
      documentHash: keccak256(toHex(`terms ${salts}`)),
      language: "sw-KE",
      salt: toHex(salts, { size: 32 }),
      expiry: 2n ** 40n,
      ...terms,
    });
  };

  const consent = (account: Account, role: "borrower" | "lender", agreement: Agreement): Promise<Hex> => {
    if (account.signTypedData === undefined) throw new Error("this account cannot sign");
    return account.signTypedData(consentTypedData(domain, role, agreement));
  };
  const stateOf = async (loanId: Hex): Promise<LoanState> =>
    LOAN_STATES[(await book.read.loanOf([loanId])).state] ?? "none";

  /** A restructuring that fits the loan as it stands: `months` equal rows, 30 days apart, nothing capitalised. */
  const draftRestructuring = async (loanId: Hex, months: number): Promise<Restructuring> => {
    const loan = await book.read.loanOf([loanId]);
    const day = await today();
    const principal = loan.principal - loan.paid.principal;
    const rest = principal - (principal / BigInt(months)) * BigInt(months - 1);
    return buildRestructuring({
      loanId,
      version: loan.version + 1,
      payments: loan.payments,
      paid: loan.paid,
      capitalised: 0n,
      documentHash: keccak256(loanId),
      expiry: 2n ** 40n,
      schedule: Array.from({ length: months }, (_, i) => ({
        day: day + 30 * (i + 1),
        principal: i === 0 ? rest : principal / BigInt(months),
        interest: 120n,
        fee: 0n,
      })),
    });
  };

  const records: RecordedPayment[] = [];

  return {
    ...{ client, rpc, today, passTime, govern, mined, options, at, desk },
    ...{ manager, registry, wallets, book, poolContract: pool, dollar },
    lender: lender.address,
    borrower: borrower.address,
    pool: poolAddress,
    stateOf,
    anchor,

    /** `months` equal instalments, 30 days apart, the first 30 days from today. */
    async monthly(months: number, principal = 10_000n): Promise<Instalment[]> {
      const day = await today();
      return Array.from({ length: months }, (_, i) => ({
        day: day + 30 * (i + 1),
        principal,
        interest: 310n,
        fee: i === 0 ? 25n : 0n,
      }));
    },

    deposit: (amount: bigint) =>
      mined(pool.write.deposit([amount * UNIT, lender.address], options(lender.address))),
    /** Leaves at once with shares for about `amount`, when nobody waits in the queue. */
    redeemNow: async (amount: bigint) => {
      const shares = await pool.read.convertToShares([amount * UNIT]);
      return await mined(pool.write.redeemNow([shares, lender.address, 0n], options(lender.address)));
    },
    requestRedeem: async (amount: bigint) => {
      const shares = await pool.read.convertToShares([amount * UNIT]);
      const args = [shares, lender.address, lender.address] as const;
      return await mined(pool.write.requestRedeem(args, options(lender.address)));
    },
    async waitingShares(): Promise<bigint> {
      return (await pool.read.redemptionQueue())[2];
    },
    fulfil: (most: bigint) => mined(pool.write.fulfilRedemptions([most], options(borrower.address))),
    /** Claims a part of what was fulfilled. */
    async claim(percent: bigint): Promise<void> {
      const shares = ((await pool.read.maxRedeem([lender.address])) * percent) / 100n;
      const args = [shares, lender.address, lender.address] as const;
      if (shares > 0n) await mined(pool.write.redeem(args, options(lender.address)));
    },

    /** A loan of the pool, which another underwriter has approved. */
    async originate(terms: Terms): Promise<Hex> {
      const agreement = await agree(terms);
      const loanId = loanIdOf(domain, agreement);
      const signature = await consent(borrower, "borrower", agreement);
      await mined(pool.write.approveLoan([loanId], options(at("approver"))));
      await mined(pool.write.originate([agreement, signature], options(at("underwriter"))));
      return loanId;
    },

    /** A loan of a person. `account` borrows in place of the usual borrower. */
    async lendDirectly(terms: Terms, account: Account = borrower): Promise<Hex> {
      const agreement = await agree({ lender: lender.address, borrower: account.address, ...terms });
      const signature = await consent(account, "borrower", agreement);
      await mined(book.write.originate([agreement, signature, "0x"], options(lender.address)));
      return loanIdOf(domain, agreement);
    },

    /** The borrower of a *Funded* loan has the money from the desk, and says so through anybody. */
    async activate(loanId: Hex): Promise<void> {
      const { principal, upfrontFee } = await book.read.loanOf([loanId]);
      const receipt = await borrower.signTypedData(receiptTypedData(domain, loanId, principal - upfrontFee));
      await mined(book.write.activate([loanId, receipt], options(at("supervisor"))));
    },
    cancel: (loanId: Hex) => mined(book.write.cancel([loanId], options(borrower.address))),
    giveBack: (loanId: Hex) => mined(book.write.returnLoan([loanId], options(borrower.address))),

    repay: (loanId: Hex, amount: bigint) =>
      mined(book.write.repay([loanId, amount], options(borrower.address))),
    /** What the oldest unpaid instalment asks for today. */
    async repayNext(loanId: Hex): Promise<void> {
      const { nextInstalment } = await book.read.loanOf([loanId]);
      const [, unpaid] = await book.read.instalment([loanId, nextInstalment]);
      const { penalty } = await book.read.due([loanId, await today()]);
      const amount = unpaid.fee + unpaid.interest + unpaid.principal + penalty;
      await mined(book.write.repay([loanId, amount], options(borrower.address)));
    },
    repayMany: (rows: { loanId: Hex; amount: bigint }[]) =>
      mined(book.write.repayMany([rows], options(borrower.address))),
    /** A payment that the desk can take back. */
    async repayAtDesk(loanId: Hex, amount: bigint): Promise<void> {
      const { logs } = await mined(book.write.repay([loanId, amount], options(desk)));
      records.push(...recordsIn(logs));
    },
    /** Takes back the desk's last payment, if nothing stands in the way. */
    async reverseLatest(): Promise<boolean> {
      const latest = records.pop();
      if (latest === undefined) return false;
      const request = [latest.loanId, latest.record] as const;
      const possible = await book.simulate.reverse(request, { account: desk }).then(
        () => true,
        () => false,
      );
      if (possible) await mined(book.write.reverse(request, options(desk)));
      return possible;
    },

    /** A new table for a loan, agreed to by both sides. */
    async restructure(loanId: Hex, months: number, changes: Partial<Restructuring> = {}): Promise<void> {
      const restructuring = { ...(await draftRestructuring(loanId, months)), ...changes };
      const signed = await borrower.signTypedData(restructuringTypedData(domain, "borrower", restructuring));
      const owner = await book.read.ownerOf([BigInt(loanId)]);
      if (owner === poolAddress) {
        const digest = restructuringDigest(domain, "owner", restructuring);
        for (const person of ["approver", "deployer"] as const)
          await mined(pool.write.approveLoan([digest], options(at(person))));
        await mined(pool.write.restructure([restructuring, signed], options(at("underwriter"))));
        return;
      }
      const consented = await lender.signTypedData(restructuringTypedData(domain, "owner", restructuring));
      await mined(book.write.restructure([restructuring, signed, consented], options(borrower.address)));
    },

    /** Given up by whoever owns the note. */
    async writeOff(loanId: Hex): Promise<void> {
      const owner = await book.read.ownerOf([BigInt(loanId)]);
      if (owner === poolAddress) await mined(pool.write.writeOff([loanId], options(at("supervisor"))));
      else await mined(book.write.writeOff([loanId], options(owner)));
    },
    /** Whether a *Funded* loan can still be paid out. */
    async isInWindow(loanId: Hex): Promise<boolean> {
      return (await today()) <= (await book.read.loanOf([loanId])).disburseUntilDay;
    },
    async mayGiveBack(loanId: Hex): Promise<boolean> {
      const { version, startDay, coolingOffDays } = await book.read.loanOf([loanId]);
      return version === 1 && (await today()) <= startDay + coolingOffDays;
    },
    /** Whether the pool that funded the loan still has its note. */
    async isPools(loanId: Hex): Promise<boolean> {
      const { lender: funder } = await book.read.loanOf([loanId]);
      return funder === poolAddress && (await book.read.ownerOf([BigInt(loanId)])) === poolAddress;
    },
    /** Whether the note is the pool's or the lender's, who can sign for it. */
    async isOwnedByParty(loanId: Hex): Promise<boolean> {
      return [poolAddress, lender.address].includes(await book.read.ownerOf([BigInt(loanId)]));
    },
    async daysPastDue(loanId: Hex): Promise<number> {
      return await book.read.daysPastDue([loanId]);
    },

    /** The pool sells a loan's note to the lender, for what it stands for in the books. */
    async sellNote(loanId: Hex): Promise<void> {
      const price = (await pool.read.carryingValueOf([loanId])) + 10n * UNIT;
      await mined(pool.write.sellNote([loanId, lender.address, price], options(at("supervisor"))));
      await mined(pool.write.buyNote([loanId, price, 0n], options(lender.address)));
    },
    passNote: (loanId: Hex, to: Address) =>
      mined(book.write.transferFrom([lender.address, to, BigInt(loanId)], options(lender.address))),
    /** An event that no table has: it stands in the journal alone. */
    withdrawConsent: (loanId: Hex) => mined(book.write.withdrawConsent([loanId], options(borrower.address))),

    /** Moves the chain's clock to the noon of a day and mines a block. */
    async goToDay(day: number): Promise<void> {
      await rpc("evm_setNextBlockTimestamp", day * DAY_S + DAY_S / 2 - UTC_OFFSET_S);
      await rpc("evm_mine");
    },
    async mine(blocks: number): Promise<void> {
      // Hardhat's way to mine many blocks at once makes blocks that do not name their parents, so it gets few, singly.
      if (blocks > 10) await rpc("anvil_mine", toHex(blocks));
      else for (let i = 0; i < blocks; i++) await rpc("evm_mine");
    },
  };
}

function recordsIn(logs: Parameters<typeof parseEventLogs>[0]["logs"]) {
  return parseEventLogs({ abi: loanBookAbi, eventName: "PaymentRecorded", logs }).map(({ args }) => args);
}
