import { type Day, parseDate } from "../../lending/calendar.ts";
import { computePlan, type Plan, scheduleTermsOf } from "../../lending/terms.ts";
import { drawCalendar } from "./calendar.ts";

/** Monthly from the last day of January in a leap year: each due day is the last of its month. */
const MONTH_END: Plan = {
  currency: { symbol: "USD", decimals: 2 },
  principal: "60000",
  rate_bps: 2400,
  number_of_instalments: 6,
  repay_every: 1,
  repay_unit: "months",
  interest_method: "declining_balance",
  interest_period: "daily",
  amortisation: "equal_instalments",
  rounding: "half_even",
  instalment_multiple: "1",
  instalment_fee: "0",
  disbursement_date: "2028-01-31",
};

/** Weekly on Fridays, two weeks of interest alone; two of the Fridays are holidays of Tanzania, the second before Easter. */
const WEEKLY: Plan = {
  currency: { symbol: "TZS", decimals: 0, multiple: "100" },
  principal: "400000",
  rate_bps: 4200,
  number_of_instalments: 8,
  repay_every: 1,
  repay_unit: "weeks",
  interest_method: "declining_balance",
  interest_period: "daily",
  amortisation: "equal_instalments",
  grace: { principal: 2 },
  working_days: {
    rule: "next",
    rest_weekdays: [6, 7],
    holidays: [
      { from: "2028-04-07", to: "2028-04-07" },
      { from: "2028-04-14", to: "2028-04-14" },
      { from: "2028-04-17", to: "2028-04-17" },
      { from: "2028-04-26", to: "2028-04-26" },
      { from: "2028-05-01", to: "2028-05-01" },
    ],
  },
  rounding: "half_even",
  instalment_multiple: "1",
  instalment_fee: "0",
  disbursement_date: "2028-03-17",
};

/** The drawings of docs/schedules.md. Path below the repository's root -> content. */
export function scheduleDrawings(): Map<string, string> {
  return new Map([
    ["docs/schedule-month-end.svg", drawPlan("6 monthly instalments from a month's end", MONTH_END)],
    ["docs/schedule-weekly.svg", drawPlan("8 weekly instalments, 2 of interest alone", WEEKLY)],
  ]);
}

function drawPlan(title: string, plan: Plan): string {
  const { working_days: _rule, ...unmovedPlan } = plan;
  const unmoved = computePlan(unmovedPlan);
  const calendar = scheduleTermsOf(plan).workingDays?.calendar;
  return drawCalendar({
    title,
    currency: plan.currency,
    disbursement: {
      day: parseDate(plan.disbursement_date, "disbursement_date"),
      amount: BigInt(plan.principal),
    },
    rows: computePlan(plan).map(({ day, principal, interest }, index) => {
      const natural = unmoved[index]?.day;
      return { due: day, movedFrom: natural === day ? undefined : natural, principal, interest };
    }),
    isWorkingDay: (day: Day) => calendar?.isWorkingDay(day) ?? true,
  });
}
