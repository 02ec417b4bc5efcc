import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Address, keccak256, type PublicClient, toHex } from "viem";
import type { Deployment } from "../../chain/deployment.ts";
import { type Proposal, proposalFromJson, proposalToJson, propose } from "../../chain/proposal.ts";
import { chainTime } from "../../chain/send.ts";
import { dayNumber, formatDate, startOfDay } from "../../lending/calendar.ts";
import { buildTerms, type LoanRules } from "../../lending/terms.ts";
import { UTC_OFFSET_S } from "./clock.ts";
import { DEMO_FILES } from "./files.ts";

const DECIMALS = 2;
/** Base units of the test dollar in a cent. */
export const UNIT = 10_000n;

export type DemoLoan = keyof typeof DEMO_FILES;

/** Last day of the disbursement window, in days after the first. */
const WINDOW_DAYS = 5;

interface Parties {
  borrower: Address;
  /** Where the principal goes. */
  payee: Address;
}

/**
 * A loan's agreement, to be disbursed from `daysAhead` days after the chain's today on; kept in a file so that a second
 * start goes on with the same loan.
 */
export async function prepareProposal(
  client: PublicClient,
  deployment: Deployment,
  stateDir: string,
  loan: DemoLoan,
  parties: Parties,
  daysAhead: number,
): Promise<Proposal> {
  const file = join(stateDir, DEMO_FILES[loan]);
  const kept = await readFile(file, "utf8").catch(() => undefined);
  if (kept !== undefined) return proposalFromJson(JSON.parse(kept));

  const day = dayNumber(await chainTime(client), UTC_OFFSET_S) + daysAhead;
  const { LoanBook, LendingPool, TestDollar } = deployment.contracts;
  const proposal = propose(deployment.chainId, LoanBook.address, {
    terms: demoTerms(loan, formatDate(day)),
    ...parties,
    lender: LendingPool.address,
    currency: TestDollar?.address ?? LendingPool.address,
    unit: UNIT,
    disburseFromDay: day,
    disburseUntilDay: day + WINDOW_DAYS,
    utcOffset: UTC_OFFSET_S,
    salt: keccak256(toHex(`demo ${loan} loan of ${deployment.genesisHash}`)),
    expiry: BigInt(startOfDay(day + WINDOW_DAYS + 1, UTC_OFFSET_S)),
  });
  await mkdir(stateDir, { recursive: true });
  await writeFile(`${file}.new`, JSON.stringify(proposalToJson(proposal), null, 2));
  await rename(`${file}.new`, file);
  return proposal;
}

/** 5,000.00 at 12 % in 18 equal monthly instalments, interest on the declining balance: golden case C02. */
const C02: Omit<LoanRules, "salt" | "disbursement_date"> = {
  currency: { symbol: "TUSD", decimals: DECIMALS },
  principal: "500000",
  rate_bps: 1200,
  number_of_instalments: 18,
  repay_every: 1,
  repay_unit: "months",
  interest_method: "declining_balance",
  interest_period: "repayment_period",
  amortisation: "equal_instalments",
  rounding: "half_even",
  instalment_multiple: "100",
  instalment_fee: "0",
  language: "en",
  upfront_fee: "0",
  penalty: { rate_bps: 2400, grace_days: 2, cap: "5000" },
  waterfall: ["penalty", "fee", "interest", "principal"],
  early_settlement: "pro_rata",
  reversal_days: 0,
  cooling_off_days: 3,
};

/** Through the desk: 600.00 in four months, of which the institution keeps 12.00 as a fee. */
const RULES: Record<DemoLoan, typeof C02> = {
  direct: C02,
  desk: { ...C02, principal: "60000", number_of_instalments: 4, upfront_fee: "1200", reversal_days: 2 },
};

function demoTerms(loan: DemoLoan, disbursementDate: string) {
  return buildTerms({
    ...RULES[loan],
    disbursement_date: disbursementDate,
    salt: keccak256(toHex(`demo ${loan} terms of ${disbursementDate}`)),
  });
}
