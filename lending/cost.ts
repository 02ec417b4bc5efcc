import type { AnnualRate } from "./cost/annual-rate.ts";
import { assertFlows, type LoanFlows, netFlows } from "./cost/cash-flows.ts";
import { euAnnualRate } from "./cost/eu-rate.ts";
import { usAnnualRate } from "./cost/us-rate.ts";
import { type Minor, minor } from "./money.ts";

/** What a loan costs as Directive (EU) 2023/2225 states it. Amounts are minor units. */
interface EuCost extends AnnualRate {
  /** Total amount of credit: what is really made available (Court of Justice, C-377/14: not what is kept back). */
  totalCredit: Minor;
  /** Total cost of the credit: interest and all charges that she must pay. */
  totalCost: Minor;
  /** Total amount payable: the sum of both. */
  totalPayable: Minor;
}

/** What a loan costs as Regulation Z, 12 CFR 1026.18, states it. Amounts are minor units. */
interface UsCost extends AnnualRate {
  amountFinanced: Minor;
  financeCharge: Minor;
  totalOfPayments: Minor;
}

/** What a person must see before signing. */
export interface Cost {
  eu: EuCost;
  us: UsCost;
}

/**
 * What a loan costs when everything is paid on its due day.
 *
 * Take the due days before they are moved to working days: both laws count regular periods, and 12 CFR 1026.17(c)(3)
 * lets a creditor disregard such moves. Loans that pay back less than was advanced have no annual rate here: a negative
 * one is refused, as a mistake in the terms. A loan that costs nothing has the rate 0.
 * @throws LendingError naming the field: `invalid` for lists that are empty, unsorted or begin before the first advance,
 * `out_of_range` for days, amounts and rates beyond the limits, `impossible` if nothing is left to the borrower at first
 * or less is paid than was advanced, `unsupported` where more than one rate would solve the equation.
 */
export function costOf(loan: LoanFlows): Cost {
  assertFlows(loan);
  const eu = netFlows(loan, (charge) => charge.isCost);
  const us = netFlows(loan, (charge) => charge.isFinanceCharge);
  return {
    eu: {
      totalCredit: eu.credit,
      totalCost: minor(eu.payable - eu.credit),
      totalPayable: eu.payable,
      ...euAnnualRate(eu),
    },
    us: {
      amountFinanced: us.credit,
      financeCharge: minor(us.payable - us.credit),
      totalOfPayments: us.payable,
      ...usAnnualRate(us),
    },
  };
}
