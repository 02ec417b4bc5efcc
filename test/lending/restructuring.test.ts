import { expect } from "chai";
import fc from "fast-check";
import {
  concat,
  encodeAbiParameters,
  encodePacked,
  type Hex,
  keccak256,
  parseAbiParameters,
  recoverTypedDataAddress,
  stringToHex,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { agreementDomain, type Instalment, signedTotals } from "../../lending/agreement.ts";
import {
  type Components,
  daysPastDue,
  due,
  type EnforcedTerms,
  openStanding,
  outstandingPrincipal,
  payoff,
  repay,
  reverse,
  type Standing,
  sumOf,
} from "../../lending/allocation.ts";
import { authorizationNonce } from "../../lending/authorization.ts";
import { amountPaidOut, receiptDigest, receiptTypedData } from "../../lending/receipt.ts";
import {
  buildRestructuring,
  type Restructuring,
  restructuringDigest,
  restructuringTypedData,
} from "../../lending/restructuring.ts";
import { checkRestructuring, restructure } from "../../lending/restructuring-check.ts";
import { expectLendingError } from "./expect-error.ts";

const LOAN_BOOK = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512";
const LOAN_ID = `0x${"ab".repeat(32)}` as const;
const domain = agreementDomain(31_337, LOAN_BOOK);

const parts = (penalty: bigint, fee: bigint, interest: bigint, principal: bigint): Components => ({
  penalty,
  fee,
  interest,
  principal,
});

/** Three instalments of 1000 + 100 + 10 on days 130, 160 and 190; 36.5 % penalty a year after 5 days: 0.1 % a day. */
const three: EnforcedTerms = {
  schedule: [130, 160, 190].map((day) => ({ day, principal: 1000n, interest: 100n, fee: 10n })),
  penaltyRateBps: 3650,
  penaltyGraceDays: 5,
  penaltyCap: 50n,
  waterfall: "0x00010203",
  earlySettlement: 1,
};

const monthly = (from: number, count: number, principal: bigint): Instalment[] =>
  Array.from({ length: count }, (_, i) => ({
    day: from + 30 * (i + 1),
    principal:
      i === 0 ? principal - (principal / BigInt(count)) * BigInt(count - 1) : principal / BigInt(count),
    interest: 20n,
    fee: 0n,
  }));

/** A restructuring that fits the loan as it stands: five months from `day` on. */
function fitting(
  terms: EnforcedTerms,
  standing: Standing,
  day: number,
  members: Partial<Restructuring> = {},
): Restructuring {
  const capitalised = members.capitalised ?? 0n;
  return buildRestructuring({
    loanId: LOAN_ID,
    version: standing.version + 1,
    payments: standing.payments,
    paid: standing.paid,
    documentHash: `0x${"d0".repeat(32)}`,
    expiry: 4_000_000_000n,
    schedule: monthly(day, 5, outstandingPrincipal(terms, standing) + capitalised),
    ...members,
    capitalised,
  });
}

/** The loan of `three` of which 500 were paid on day 145, ten days after the grace. */
const late = () => repay(three, openStanding(100), 500n, 145).next;

describe("a restructuring", () => {
  const check = (changes: Partial<Restructuring>, standing = late()) =>
    checkRestructuring(three, standing, { ...fitting(three, standing, 150), ...changes }, 150);
  const refuse = (
    changes: Partial<Restructuring>,
    path: string,
    code: Parameters<typeof expectLendingError>[1],
  ) => expectLendingError(() => check(changes), code, path);
  /** Changed rows with totals that fit them, so that only the row itself can be wrong. */
  const refuseRows = (schedule: Instalment[], path: string) =>
    refuse({ schedule, ...signedTotals(schedule) }, path, "out_of_range");

  it("is refused when it was signed for another standing of the loan", () => {
    refuse({ version: 1 }, "version", "mismatch");
    refuse({ version: 3 }, "version", "mismatch");
    refuse({ payments: 0 }, "payments", "mismatch");
    for (const name of ["penalty", "fee", "interest", "principal"] as const) {
      const { paid } = late();
      refuse({ paid: { ...paid, [name]: paid[name] + 1n } }, `paid.${name}`, "mismatch");
    }
  });

  it("is refused for a closed loan, and on a day before the present table began", () => {
    const { next } = repay(three, openStanding(100), 10_000n, 100);
    const of = { ...fitting(three, late(), 150), version: 2, payments: 1, paid: next.paid };
    expectLendingError(() => checkRestructuring(three, next, of, 150), "impossible", "standing.closed");
    const standing = openStanding(100);
    const early = fitting(three, standing, 99);
    expectLendingError(() => checkRestructuring(three, standing, early, 99), "out_of_range", "day");
  });

  it("is refused when it makes principal of more than the unpaid interest, fees and penalty", () => {
    // Day 150: 610 of the first instalment are unpaid for 5 more days, 67 of 100 of the second one's interest is earned.
    const quote = payoff(three, late(), 150);
    expect(quote).to.deep.equal(parts(3n, 20n, 67n, 2621n));
    const of = (capitalised: bigint) => fitting(three, late(), 150, { capitalised });
    checkRestructuring(three, late(), of(90n), 150);
    expectLendingError(() => checkRestructuring(three, late(), of(91n), 150), "out_of_range", "capitalised");
    refuse({ capitalised: -1n }, "capitalised", "out_of_range");
  });

  it("is refused when the new principal is not what is outstanding and what is capitalised", () => {
    refuse({ capitalised: 1n }, "principal", "mismatch");
    const schedule = monthly(150, 5, 2620n);
    refuse({ schedule, ...signedTotals(schedule) }, "principal", "mismatch");
  });

  it("is refused for rows, totals and members that the contract refuses", () => {
    const rows = monthly(150, 5, 2621n);
    refuseRows([], "schedule");
    refuseRows([{ day: 150, principal: 2621n, interest: 0n, fee: 0n }], "schedule[0].day");
    refuseRows([...rows.slice(0, 2), ...rows.slice(1)], "schedule[2].day");
    refuseRows([...rows, { day: 400, principal: 0n, interest: 0n, fee: 0n }], "schedule[5]");
    refuse({ totalRepayable: 1n }, "totalRepayable", "mismatch");
    refuse({ principal: 2622n }, "principal", "mismatch");
    refuse({ count: 4 }, "count", "mismatch");
    refuse({ firstDay: 0 }, "firstDay", "mismatch");
    refuse({ lastDay: 0 }, "lastDay", "mismatch");
    refuse({ expiry: 0n }, "expiry", "out_of_range");
    refuse({ documentHash: "0x12" }, "documentHash", "invalid");
  });

  it("is refused when one payment could not hold its instalments and what is left of the penalty cap", () => {
    const standing = late();
    const of = fitting(three, standing, 150);
    const left = 2n ** 64n - 1n - of.totalRepayable;
    const capped = (penaltyCap: bigint) => () =>
      checkRestructuring({ ...three, penaltyCap: penaltyCap + standing.paid.penalty }, standing, of, 150);
    expect(standing.paid.penalty).to.equal(11n);
    expectLendingError(capped(left + 1n), "out_of_range", "penaltyCap");
    capped(left)();
  });

  it("puts the loan on its table: paid from 0, a cap less what was paid and capitalised of it, payments counted on", () => {
    const outcome = restructure(three, late(), fitting(three, late(), 150, { capitalised: 50n }), 150);
    expect(outcome.standing).to.deep.equal({
      ...openStanding(150),
      version: 2,
      payments: 1,
      arrearsDay: 130,
    });
    expect(outcome.forgiven).to.equal(40n);
    const { penalty } = payoff(three, late(), 150);
    expect(penalty).to.equal(3n);
    expect(outcome.terms.penaltyCap).to.equal(39n - penalty);
    expect(outstandingPrincipal(outcome.terms, outcome.standing)).to.equal(2671n);
    expect(sumOf(due(outcome.terms, outcome.standing, 179))).to.equal(0n);
    const { next } = repay(outcome.terms, outcome.standing, 100n, 160);
    expect(next).to.deep.include({ payments: 2, version: 2 });
  });

  it("leaves the lateness as it is until three instalments in a row are paid on time", () => {
    let { terms, standing } = restructure(three, late(), fitting(three, late(), 150), 150);
    const pay = (day: number) => {
      const row = terms.schedule[standing.nextInstalment];
      standing = repay(terms, standing, (row?.principal ?? 0n) + (row?.interest ?? 0n), day).next;
      return [standing.arrearsDay, standing.paidOnTime];
    };
    expect(daysPastDue(terms, standing, 150)).to.equal(20);
    expect(pay(180), "on the due day").to.deep.equal([130, 1]);
    expect(pay(181), "ahead").to.deep.equal([130, 2]);
    expect(daysPastDue(terms, standing, 241)).to.equal(111);
    expect(pay(241), "late").to.deep.equal([130, 0]);
    expect(pay(270)).to.deep.equal([130, 1]);
    // The loan is restructured once more: the streak begins again, the older lateness stays.
    ({ terms, standing } = restructure(terms, standing, fitting(terms, standing, 280), 280));
    expect([standing.version, standing.arrearsDay, standing.paidOnTime]).to.deep.equal([3, 130, 0]);
    expect(pay(281)).to.deep.equal([130, 1]);
    expect(pay(281)).to.deep.equal([130, 2]);
    expect(pay(281), "cured").to.deep.equal([0, 0]);
    expect(daysPastDue(terms, standing, 281)).to.equal(0);
    expect(daysPastDue(terms, standing, 401)).to.equal(401 - 400);
  });

  it("has nothing to cure when nothing was late", () => {
    const standing = repay(three, openStanding(100), 1110n, 130).next;
    const outcome = restructure(three, standing, fitting(three, standing, 160), 160);
    expect(outcome.standing.arrearsDay).to.equal(0);
    const { next } = repay(outcome.terms, outcome.standing, 500n, 161);
    expect(next.paidOnTime).to.equal(0);
  });

  it("keeps what was waived and what was forgiven apart, and never lets the penalty pass its cap over all versions", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 300 }),
        fc.bigInt({ min: 1n, max: 3000n }),
        fc.nat({ max: 300 }),
        (wait, amount, later) => {
          const standing = repay(three, openStanding(100), amount, 100 + wait).next;
          if (standing.closed) return;
          const day = 100 + wait;
          const first = restructure(three, standing, fitting(three, standing, day), day);
          const owed = payoff(three, standing, day);
          expect(first.forgiven).to.equal(owed.penalty + owed.interest + owed.fee);
          const penalty = due(first.terms, first.standing, day + later).penalty;
          expect(standing.paid.penalty + penalty <= three.penaltyCap).to.equal(true);
          expect(first.standing.waivedInterest).to.equal(standing.waivedInterest);
          const before = daysPastDue(three, standing, day);
          expect(daysPastDue(first.terms, first.standing, day)).to.equal(before);
        },
      ),
      { seed: 2026, numRuns: 300 },
    );
  });
});

describe("a reversal", () => {
  it("restores the standing before the payment, whose number is not used again", () => {
    const before = late();
    for (const amount of [1n, 700n, 1200n, 10_000n]) {
      const paid = repay(three, before, amount, 150);
      const taken = reverse(before, paid.next);
      expect(taken).to.deep.equal({ ...before, payments: 2 });
      expect(repay(three, taken, amount, 150).next).to.deep.equal({ ...paid.next, payments: 3 });
    }
  });
});

/* The EIP-712 encoding once more, by hand. */

const INSTALMENT = "Instalment(uint32 day,uint64 principal,uint64 interest,uint64 fee)";
const COMPONENTS = "Components(uint64 penalty,uint64 fee,uint64 interest,uint64 principal)";
const RESTRUCTURING =
  "Restructuring(bytes32 loanId,uint16 version,uint32 payments,Components paid,uint64 capitalised,uint64 principal," +
  "uint64 totalRepayable,uint32 firstDay,uint32 lastDay,uint16 count,bytes32 documentHash,uint64 expiry," +
  "Instalment[] schedule)";
const CONSENT = "RestructuringConsent(uint8 role,Restructuring restructuring)";
const RECEIPT = "Receipt(bytes32 loanId,uint64 amount)";
const DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";

const hashText = (text: string) => keccak256(stringToHex(text));

function structHash(type: string, parameters: string, values: readonly unknown[]): Hex {
  const types = parseAbiParameters(`bytes32, ${parameters}` as "bytes32, bytes32");
  return keccak256(encodeAbiParameters(types, [hashText(type), ...values] as [Hex, Hex]));
}

function digestByHand(hash: Hex): Hex {
  const separator = structHash(DOMAIN, "bytes32, bytes32, uint256, address", [
    ...[hashText("Ahadi LoanBook"), hashText("1"), 31_337n, LOAN_BOOK],
  ]);
  return keccak256(encodePacked(["bytes2", "bytes32", "bytes32"], ["0x1901", separator, hash]));
}

function hashByHand(r: Restructuring): Hex {
  const rows = r.schedule.map((row) =>
    structHash(INSTALMENT, "uint32, uint64, uint64, uint64", [row.day, row.principal, row.interest, row.fee]),
  );
  const paid = structHash(COMPONENTS, "uint64, uint64, uint64, uint64", [
    ...[r.paid.penalty, r.paid.fee, r.paid.interest, r.paid.principal],
  ]);
  return structHash(
    `${RESTRUCTURING}${COMPONENTS}${INSTALMENT}`,
    "bytes32, uint16, uint32, bytes32, uint64, uint64, uint64, uint32, uint32, uint16, bytes32, uint64, bytes32",
    [
      ...[r.loanId, r.version, r.payments, paid, r.capitalised, r.principal, r.totalRepayable, r.firstDay],
      ...[r.lastDay, r.count, r.documentHash, r.expiry, keccak256(concat(rows))],
    ],
  );
}

describe("what is signed beside an agreement", () => {
  const account = privateKeyToAccount(`0x${"11".repeat(32)}`);
  const restructuring = fitting(three, late(), 150, { capitalised: 50n });

  it("is the restructuring with the role, encoded as by hand", () => {
    for (const [role, id] of [
      ["borrower", 1],
      ["owner", 2],
    ] as const) {
      const hash = structHash(`${CONSENT}${COMPONENTS}${INSTALMENT}${RESTRUCTURING}`, "uint8, bytes32", [
        ...[id, hashByHand(restructuring)],
      ]);
      expect(restructuringDigest(domain, role, restructuring)).to.equal(digestByHand(hash));
    }
  });

  it("has another digest for every member", () => {
    const digests = new Set([restructuringDigest(domain, "borrower", restructuring)]);
    const changes: Partial<Restructuring>[] = [
      { loanId: `0x${"ac".repeat(32)}` },
      { documentHash: `0x${"d1".repeat(32)}` },
      { paid: { ...restructuring.paid, fee: 99n } },
      { schedule: restructuring.schedule.slice(1) },
      ...(["version", "payments", "firstDay", "lastDay", "count"] as const).map((member) => ({
        [member]: restructuring[member] + 1,
      })),
      ...(["capitalised", "principal", "totalRepayable", "expiry"] as const).map((member) => ({
        [member]: restructuring[member] + 1n,
      })),
    ];
    expect(changes.length).to.equal(Object.keys(restructuring).length);
    for (const change of changes)
      digests.add(restructuringDigest(domain, "borrower", { ...restructuring, ...change }));
    expect(digests.size).to.equal(changes.length + 1);
  });

  it("is signed by a wallet through the typed data", async () => {
    const typed = restructuringTypedData(domain, "borrower", restructuring);
    const signature = await account.signTypedData(typed);
    expect(await recoverTypedDataAddress({ ...typed, signature })).to.equal(account.address);
    const receipt = receiptTypedData(domain, LOAN_ID, 4975n);
    const signed = await account.signTypedData(receipt);
    expect(await recoverTypedDataAddress({ ...receipt, signature: signed })).to.equal(account.address);
  });

  it("is a receipt for the principal without the upfront fee, encoded as by hand", () => {
    const amount = amountPaidOut({ principal: 5000n, upfrontFee: 25n });
    expect(amount).to.equal(4975n);
    const hash = structHash(RECEIPT, "bytes32, uint64", [LOAN_ID, amount]);
    expect(receiptDigest(domain, LOAN_ID, amount)).to.equal(digestByHand(hash));
    expect(receiptDigest(domain, LOAN_ID, 4976n)).to.not.equal(digestByHand(hash));
  });

  it("binds a transfer authorisation to a loan by 192 bits of the nonce, above 64 zero bits", () => {
    const salt = `0x${"05".repeat(32)}` as const;
    const hash = keccak256(`${LOAN_ID}${salt.slice(2)}`);
    const nonce = authorizationNonce(LOAN_ID, salt);
    expect(nonce).to.equal(`0x${hash.slice(-48)}${"00".repeat(8)}`);
    expect(authorizationNonce(LOAN_ID, `0x${"06".repeat(32)}`)).to.not.equal(nonce);
    expect(authorizationNonce(`0x${"ac".repeat(32)}`, salt)).to.not.equal(nonce);
  });
});
