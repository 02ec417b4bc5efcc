/** Largest amount in minor units: the contracts store amounts as `uint64`. */
export const MAX_MINOR = 2n ** 64n - 1n;

/** Rows that an agreement may carry: one a day for a leap year; bounds the contract code that stores them. */
export const MAX_AGREEMENT_ROWS = 366;

/** Rows that the schedule engine computes. */
export const MAX_SCHEDULE_ROWS = 1000;

/** Highest yearly interest rate, in basis points: 10,000 %. Beyond it stands a mistyped figure, not a loan. */
export const MAX_RATE_BPS = 1_000_000;

/** Highest yearly penalty rate, in basis points: 1,000 %. */
export const MAX_PENALTY_RATE_BPS = 100_000;

/** Longest grace before a penalty accrues, and longest windows for reversing a payment and for cooling off, in days. */
export const MAX_GRACE_DAYS = 366;
export const MAX_REVERSAL_DAYS = 366;
export const MAX_COOLING_OFF_DAYS = 366;

/** Longest window for giving a loan of a pool back, in days: so long its upfront fee waits. */
export const MAX_POOL_COOLING_OFF_DAYS = 30;

/** Widest offset from UTC in use on Earth, in seconds. */
export const MAX_UTC_OFFSET_S = 14 * 3600;

/** Largest `repayEvery`: a year in the smallest unit. */
export const MAX_REPAY_EVERY = 366;

/** Most digits after the decimal point that a currency may show. */
export const MAX_DECIMALS = 18;

/** Most holidays that a terms document carries. */
export const MAX_HOLIDAYS = 366;
