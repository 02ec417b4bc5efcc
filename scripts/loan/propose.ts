import { type Address, isAddress, isAddressEqual } from "viem";
import { lendingPoolAbi, testDollarAbi } from "../../chain/abi.ts";
import { assertChain, connect } from "../../chain/clients.ts";
import { readDeployment } from "../../chain/deployment.ts";
import { freshSalt, proposalToJson, propose } from "../../chain/proposal.ts";
import { parseDate, startOfDay } from "../../lending/calendar.ts";
import { MAX_POOL_COOLING_OFF_DAYS } from "../../lending/limits.ts";
import { buildTerms, parseDraft } from "../../lending/terms.ts";
import { AhadiError } from "../../platform/errors.ts";
import { readJsonFile, writeJsonFile } from "../files.ts";
import { resolveTarget, type TargetOptions } from "../target.ts";

/**
 * An agreement from a terms file. The currency and the UTC offset are the pool's; the terms' salt is made when the file
 * has none. The consents are good until the end of the disbursement window.
 */
export async function proposeLoan(
  options: TargetOptions & {
    terms: string;
    borrower: string;
    lender?: string;
    payee?: string;
    until?: string;
    out?: string;
  },
) {
  const { rpcUrl, deploymentDir } = await resolveTarget(options);
  const client = connect(rpcUrl);
  const deployment = await readDeployment(deploymentDir);
  await assertChain(client, deployment, rpcUrl);
  const pool = { address: deployment.contracts.LendingPool.address, abi: lendingPoolAbi } as const;
  const [currency, utcOffset] = await Promise.all([
    client.readContract({ ...pool, functionName: "asset" }),
    client.readContract({ ...pool, functionName: "utcOffset" }),
  ]);
  const token = { address: currency, abi: testDollarAbi } as const;
  const [symbol, tokenDecimals] = await Promise.all([
    client.readContract({ ...token, functionName: "symbol" }),
    client.readContract({ ...token, functionName: "decimals" }),
  ]);

  const draft = parseDraft(await readJsonFile(options.terms, "--terms"));
  const terms = buildTerms({ ...draft, salt: draft.salt ?? freshSalt() });
  if (terms.currency.symbol !== symbol || terms.currency.decimals > tokenDecimals) {
    throw new AhadiError(
      "terms_invalid",
      `currency of the terms must be ${symbol} with at most ${tokenDecimals} decimals`,
    );
  }
  const lender = options.lender === undefined ? pool.address : party(options.lender, "--lender");
  if (isAddressEqual(lender, pool.address) && (terms.cooling_off_days ?? 0) > MAX_POOL_COOLING_OFF_DAYS) {
    throw new AhadiError(
      "terms_invalid",
      `cooling_off_days must be at most ${MAX_POOL_COOLING_OFF_DAYS} for a loan of the pool`,
    );
  }
  const fromDay = parseDate(terms.disbursement_date, "disbursement_date");
  const untilDay = options.until === undefined ? fromDay : parseDate(options.until, "--until");
  const borrower = party(options.borrower, "--borrower");
  const proposal = propose(deployment.chainId, deployment.contracts.LoanBook.address, {
    terms,
    borrower,
    payee: options.payee === undefined ? borrower : party(options.payee, "--payee"),
    lender,
    currency,
    unit: 10n ** BigInt(tokenDecimals - terms.currency.decimals),
    disburseFromDay: fromDay,
    disburseUntilDay: untilDay,
    utcOffset,
    salt: freshSalt(),
    expiry: BigInt(startOfDay(untilDay + 1, utcOffset) - 1),
  });
  const json = proposalToJson(proposal);
  if (options.out !== undefined) await writeJsonFile(options.out, json, "--out");
  return json;
}

function party(value: string, option: string): Address {
  if (isAddress(value)) return value;
  throw new AhadiError("config_invalid", `${option} must be an address, not ${value}`);
}
