import type { TypedDataField } from "ethers";
import type { Instalment } from "../../../lending/agreement.ts";
import {
  buildRestructuring,
  type Restructuring,
  type RestructuringRole,
  restructuringTypedData,
} from "../../../lending/restructuring.ts";
import { as, type Signer } from "./chain.ts";
import { components } from "./loans.ts";
import type { World } from "./world.ts";

type Hex = `0x${string}`;

/** Who signs or calls in place of the usual ones. */
export interface RestructureOptions {
  caller?: Signer;
  borrowerSignature?: string;
  ownerSignature?: string;
}

/** A restructuring that fits the loan as it stands now, by `changes`: nothing capitalised, all principal on `days`. */
export async function draftRestructuring(
  { book }: World,
  loanId: string,
  days: number[],
  changes: Partial<Restructuring> = {},
): Promise<Restructuring> {
  const loan = await book.loanOf(loanId);
  const capitalised = changes.capitalised ?? 0n;
  const outstanding = (loan.principal as bigint) - (loan.paid.principal as bigint);
  const members = {
    loanId: loanId as Hex,
    version: Number(loan.version) + 1,
    payments: Number(loan.payments),
    paid: components(loan.paid),
    capitalised,
    documentHash: `0x${"d1".repeat(32)}` as Hex,
    expiry: 4_000_000_000n,
    schedule: table(days, outstanding + capitalised),
  };
  return { ...buildRestructuring({ ...members, ...changes }), ...changes };
}

/** `principal` in equal parts (the first takes the rest) on `days`, with 5.00 interest each. */
export function table(days: number[], principal: bigint): Instalment[] {
  const part = principal / BigInt(days.length);
  const first = principal - part * BigInt(days.length - 1);
  return days.map((day, index) => ({ day, principal: index === 0 ? first : part, interest: 500n, fee: 0n }));
}

export async function signRestructuring(
  world: World,
  role: RestructuringRole,
  restructuring: Restructuring,
  signer: Signer,
): Promise<string> {
  const { domain, types, message } = restructuringTypedData(world.domain, role, restructuring);
  const ethersTypes: Record<string, TypedDataField[]> = Object.fromEntries(
    Object.entries(types).map(([name, members]) => [name, [...members]]),
  );
  return await signer.signTypedData(domain, ethersTypes, message);
}

/** Calls `restructure`: by a stranger with both signatures unless told otherwise. */
export async function restructure(
  world: World,
  restructuring: Restructuring,
  options: RestructureOptions = {},
) {
  const { people, book } = world;
  const borrowerSignature =
    options.borrowerSignature ?? (await signRestructuring(world, "borrower", restructuring, people.borrower));
  const ownerSignature =
    options.ownerSignature ?? (await signRestructuring(world, "owner", restructuring, people.lender));
  return await as(options.caller ?? people.stranger, book).restructure(
    restructuring,
    borrowerSignature,
    ownerSignature,
  );
}
