/** Digits after the point of the currency: amounts below are whole tokens times ten to this power. */
type Decimals = number;

/** `PoolRules` of `ILendingPool.sol`: what a pool is for its whole life. Amounts are base units. */
export interface PoolRules {
  utcOffset: number;
  nonAccrualDays: number;
  managementFeeBps: number;
  writeOffDays: number;
  coverFloorBps: number;
  kycPolicy: number;
  minRedemption: bigint;
  ageing: { moreThanDays: number; provisionBps: number }[];
}

/** `LendingLimits` of `ILendingPool.sol`: what underwriters may decide until the governor says otherwise. Base units. */
export interface LendingLimits {
  oneApprovalUpTo: bigint;
  maxPrincipal: bigint;
  maxPerBorrower: bigint;
  maxOutstanding: bigint;
  rateCapacity: bigint;
  rateWindow: number;
  maxTermDays: number;
  maxCostBps: number;
}

const tokens = (count: bigint, decimals: Decimals): bigint => count * 10n ** BigInt(decimals);

/** The set of KYC rules that the pool asks for. */
export const KYC_POLICY = 1;

/**
 * The rules of the deployment's pool: a tenth of the interest is the institution's, which bears the first loss with at
 * least 5 % of what is lent; provisions by age as microfinance supervisors ask for them.
 */
export function poolRules(utcOffset: number, decimals: Decimals): PoolRules {
  return {
    utcOffset,
    nonAccrualDays: 30,
    managementFeeBps: 1_000,
    writeOffDays: 180,
    coverFloorBps: 500,
    kycPolicy: KYC_POLICY,
    minRedemption: tokens(1n, decimals),
    ageing: [
      { moreThanDays: 0, provisionBps: 0 },
      { moreThanDays: 30, provisionBps: 1_000 },
      { moreThanDays: 60, provisionBps: 5_000 },
      { moreThanDays: 90, provisionBps: 10_000 },
    ],
  };
}

/** The limits that a deployment begins with: small loans of up to three years. */
export function lendingLimits(decimals: Decimals): LendingLimits {
  return {
    oneApprovalUpTo: tokens(5_000n, decimals),
    maxPrincipal: tokens(20_000n, decimals),
    maxPerBorrower: tokens(100_000n, decimals),
    maxOutstanding: tokens(10_000_000n, decimals),
    rateCapacity: tokens(200_000n, decimals),
    rateWindow: 86_400,
    maxTermDays: 1_100,
    maxCostBps: 15_000,
  };
}

/** What the deployer puts into the pool for good, so that its share price never stands on a handful of shares. */
export function seedDeposit(decimals: Decimals): bigint {
  return tokens(1n, decimals);
}
