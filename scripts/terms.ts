import type { Hex } from "viem";
import { AhadiError } from "../platform/errors.ts";

const WAIT_MS = 30_000;
const PAUSE_MS = 100;

/**
 * Hands a loan's terms document to the API. The mirror has to know the loan first, so a loan that is not there yet is
 * asked for again for half a minute. Throws AhadiError `terms_refused` or `api_unreachable`.
 */
export async function handInTerms(apiUrl: string, loanId: Hex, canonical: string): Promise<void> {
  const url = new URL(`/v1/loans/${loanId}/terms`, apiUrl);
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const response = await fetch(url, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: canonical,
      signal: AbortSignal.timeout(WAIT_MS),
    }).catch((cause: unknown) => {
      throw new AhadiError("api_unreachable", `no API answers at ${url.origin}`, { cause });
    });
    if (response.ok) return;
    const mayComeYet = response.status === 404 || response.status === 503;
    if (!mayComeYet || Date.now() > deadline) {
      const reason = (await response.text()).slice(0, 300);
      throw new AhadiError(
        "terms_refused",
        `the API refused the terms document (${response.status}): ${reason}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
