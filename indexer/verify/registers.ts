import type { Address } from "viem";
import { loanBookAbi } from "../../chain/abi.ts";
import type { StorageInput } from "./loans.ts";

/** Compares what LoanBook keeps beside its loans: currencies, recorders, what it holds for whom, whether it is paused. */
export async function compareRegisters(input: StorageInput): Promise<void> {
  const { database, client, blockHash, contracts, findings } = input;
  const at = { address: contracts.loanBook, abi: loanBookAbi, blockHash, requireCanonical: true } as const;

  const currencies = await database.query<{ address: Address; allowed: boolean }>(
    "select chain.hex(address) as address, allowed from chain.currency_state order by address",
  );
  for (const { address, allowed } of currencies.rows) {
    const stored = await client.readContract({ ...at, functionName: "isCurrencyAllowed", args: [address] });
    findings.compare("currency", address, "isAllowed", allowed, stored);
  }

  const recorders = await database.query<{ address: Address; registered: boolean }>(
    "select chain.hex(address) as address, registered from chain.recorder_now order by address",
  );
  for (const { address, registered } of recorders.rows) {
    const stored = await client.readContract({ ...at, functionName: "isRecorder", args: [address] });
    findings.compare("recorder", address, "isRecorder", registered, stored);
  }

  const held = await database.query<{ currency: Address; account: Address; owed: string }>(
    `select chain.hex(currency) as currency, chain.hex(account) as account, owed
     from chain.held_now order by currency, account`,
  );
  for (const { currency, account, owed } of held.rows) {
    const stored = await client.readContract({ ...at, functionName: "heldFor", args: [currency, account] });
    findings.compare("held", `${currency} ${account}`, "owed", owed, stored);
  }

  const paused = await database.query<{ paused: boolean }>(
    `select coalesce((select paused from chain.pause where contract = $1
       order by block_number desc, log_index desc limit 1), false) as paused`,
    [Buffer.from(contracts.loanBook.slice(2), "hex")],
  );
  const stored = await client.readContract({ ...at, functionName: "paused" });
  findings.compare("loan_book", contracts.loanBook, "paused", paused.rows[0]?.paused, stored);
}
