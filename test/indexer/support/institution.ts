import {
  type Account,
  type Address,
  createWalletClient,
  getContract,
  type Hex,
  http,
  keccak256,
  parseEventLogs,
  publicActions,
  toHex,
} from "viem";
import { lendingPoolAbi, loanBookAbi, testDollarAbi } from "../../../chain/abi.ts";
import { LOCAL_CHAIN_ID } from "../../../chain/clients.ts";
import type { Deployment } from "../../../chain/deployment.ts";
import { localSigner } from "../../../chain/operator.ts";
import {
  type Agreement,
  agreementDomain,
  buildAgreement,
  consentTypedData,
  type Instalment,
} from "../../../lending/agreement.ts";

const UTC_OFFSET_S = 3 * 3600;
const DAY_S = 86_400;
/** Base units of the test dollar per cent. */
export const UNIT = 10_000n;

export type Institution = Awaited<ReturnType<typeof openInstitution>>;

/** People who really lend, borrow and repay on an anvil, whose accounts are unlocked. Amounts are minor units. */
export async function openInstitution(rpcUrl: string, deployment: Deployment) {
  const client = createWalletClient({ transport: http(rpcUrl), pollingInterval: 5 }).extend(publicActions);
  const rpc = <T>(method: string, ...params: unknown[]): Promise<T> =>
    client.request({ method, params } as unknown as Parameters<typeof client.request>[0]) as Promise<T>;
  const part = (role: Parameters<typeof localSigner>[0]) => localSigner(role, LOCAL_CHAIN_ID);
  const [lender, borrower, underwriter] = [part("lender"), part("borrower"), part("underwriter").address];

  const { LoanBook, LendingPool, TestDollar } = deployment.contracts;
  if (TestDollar === undefined) throw new Error("the deployment has no test dollar");
  const bookAddress = LoanBook.address;
  const poolAddress = LendingPool.address;
  const book = getContract({ address: bookAddress, abi: loanBookAbi, client });
  const pool = getContract({ address: poolAddress, abi: lendingPoolAbi, client });
  const dollar = getContract({ address: TestDollar.address, abi: testDollarAbi, client });
  const domain = agreementDomain(deployment.chainId, bookAddress);

  const options = (account: Address) => ({ account, chain: null, gas: 12_000_000n }) as const;
  const mined = async (sending: Promise<Hex>) => {
    const receipt = await client.waitForTransactionReceipt({ hash: await sending });
    if (receipt.status !== "success") throw new Error(`transaction ${receipt.transactionHash} was reverted`);
    return receipt;
  };

  // Everybody has money, and lets the contracts that need it take it.
  const plenty = 10n ** 18n;
  for (const account of [lender.address, borrower.address, underwriter]) {
    await mined(dollar.write.mint([account, plenty], options(account)));
    await mined(dollar.write.approve([bookAddress, plenty], options(account)));
    await mined(dollar.write.approve([poolAddress, plenty], options(account)));
  }

  let salts = 0n;
  const today = async (): Promise<number> => {
    const { timestamp } = await client.getBlock();
    return Number((timestamp + BigInt(UTC_OFFSET_S)) / BigInt(DAY_S));
  };

  const agree = async (
    terms: Partial<Agreement> & { schedule: readonly Instalment[] },
  ): Promise<Agreement> => {
    const day = await today();
    salts += 1n;
    return buildAgreement({
      borrower: borrower.address,
      lender: poolAddress,
      currency: dollar.address,
      unit: UNIT,
      payee: borrower.address,
      disburseFromDay: day,
      disburseUntilDay: day,
      upfrontFee: 0n,
      penaltyRateBps: 3_650,
      penaltyGraceDays: 2,
      penaltyCap: 5_000n,
      waterfall: "0x00010203",
      earlySettlement: 1,
      reversalDays: 3,
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

  return {
    client,
    rpc,
    lender: lender.address,
    borrower: borrower.address,
    pool: poolAddress,
    today,

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
    withdraw: (amount: bigint) =>
      mined(pool.write.withdraw([amount * UNIT, lender.address, lender.address], options(lender.address))),

    /** A loan of the pool. */
    async originate(terms: Partial<Agreement> & { schedule: readonly Instalment[] }): Promise<Hex> {
      const agreement = await agree(terms);
      const signature = await consent(borrower, "borrower", agreement);
      const receipt = await mined(pool.write.originate([agreement, signature], options(underwriter)));
      return loanIn(receipt.logs);
    },

    /** A loan of a person. */
    async lendDirectly(terms: Partial<Agreement> & { schedule: readonly Instalment[] }): Promise<Hex> {
      const agreement = await agree({ lender: lender.address, ...terms });
      const signature = await consent(borrower, "borrower", agreement);
      const receipt = await mined(
        book.write.originate([agreement, signature, "0x"], options(lender.address)),
      );
      return loanIn(receipt.logs);
    },

    repay: (loanId: Hex, amount: bigint) =>
      mined(book.write.repay([loanId, amount], options(borrower.address))),
    passNote: (loanId: Hex, to: Address) =>
      mined(book.write.transferFrom([lender.address, to, BigInt(loanId)], options(lender.address))),
    isActive: async (loanId: Hex): Promise<boolean> => (await book.read.loanOf([loanId])).state === 1,
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

function loanIn(logs: Parameters<typeof parseEventLogs>[0]["logs"]): Hex {
  const [event] = parseEventLogs({ abi: loanBookAbi, eventName: "LoanOriginated", logs });
  if (event === undefined) throw new Error("no loan was originated");
  return event.args.loanId;
}
