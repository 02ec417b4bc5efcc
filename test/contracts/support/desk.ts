import type { TypedDataField } from "ethers";
import type { Agreement } from "../../../lending/agreement.ts";
import { receiptTypedData } from "../../../lending/receipt.ts";
import { accountOf, as, deployHelper, type Signer } from "./chain.ts";
import { lend } from "./loans.ts";
import { govern, institution, type World } from "./world.ts";

type Hex = `0x${string}`;

/** A desk is a contract that the governor registered: it pays out by hand, and repays for people without wallets. */
export interface DeskWorld extends World {
  /** Calls as the desk itself. */
  desk: Signer;
}

/** Fixture: the institution with a registered desk that has cash and an allowance for the book. */
export async function withDesk(): Promise<DeskWorld> {
  const world = await institution();
  const desk = await newDesk(world);
  await govern(world, world.book, "setRecorder", [desk.address, true]);
  return { ...world, desk };
}

/** A contract that nobody registered yet, with cash and an allowance for the book. */
export async function newDesk({ people, dollar, book }: World): Promise<Signer> {
  const desk = await accountOf(await deployHelper("ContractWallet", [people.cashier.address]));
  await dollar.mint(desk.address, 10n ** 24n);
  await as(desk, dollar).approve(await book.getAddress(), 10n ** 24n);
  return desk;
}

/** A loan of the lender that the desk pays out: *Funded*. */
export async function fund(world: DeskWorld, changes: Partial<Agreement> = {}) {
  return await lend(world, { payee: world.desk.address as Hex, ...changes });
}

/** The borrower's receipt for `amount` of `loanId`, signed by `signer`. */
export async function signReceipt(
  world: World,
  loanId: string,
  amount: bigint,
  signer: Signer,
): Promise<string> {
  const { domain, types, message } = receiptTypedData(world.domain, loanId as Hex, amount);
  return await signer.signTypedData(domain, { Receipt: [...types.Receipt] as TypedDataField[] }, message);
}
