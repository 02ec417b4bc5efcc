import { expect } from "chai";
import {
  concat,
  encodeAbiParameters,
  encodePacked,
  type Hex,
  hashTypedData,
  keccak256,
  parseAbiParameters,
  recoverTypedDataAddress,
  stringToHex,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import {
  type Agreement,
  agreementDomain,
  agreementTypes,
  buildAgreement,
  consentDigest,
  consentTypedData,
  type Instalment,
  loanIdOf,
  signedTotals,
} from "../../lending/agreement.ts";
import { checkAgreement } from "../../lending/agreement-check.ts";
import { agreementFromJson, agreementToJson } from "../../lending/agreement-json.ts";
import { c02Agreement } from "../support/samples.ts";
import { expectLendingError } from "./expect-error.ts";

const LOAN_BOOK = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512";
const domain = agreementDomain(31_337, LOAN_BOOK);

/* The EIP-712 encoding once more, by hand: `contracts/libraries/AgreementHash.sol` in other words. */

const INSTALMENT = "Instalment(uint32 day,uint64 principal,uint64 interest,uint64 fee)";
const AGREEMENT =
  "Agreement(address borrower,address lender,address currency,uint256 unit,address payee,uint32 disburseFromDay," +
  "uint32 disburseUntilDay,uint64 principal,uint64 totalRepayable,uint32 firstDay,uint32 lastDay,uint16 count," +
  "uint64 upfrontFee,uint32 penaltyRateBps,uint16 penaltyGraceDays,uint64 penaltyCap,bytes4 waterfall," +
  "uint8 earlySettlement,uint16 reversalDays,uint16 coolingOffDays,int32 utcOffset,bytes32 documentHash," +
  `string language,bytes32 salt,uint64 expiry,Instalment[] schedule)${INSTALMENT}`;
const CONSENT = `Consent(uint8 role,Agreement agreement)${AGREEMENT}`;
const DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";

const hashText = (text: string) => keccak256(stringToHex(text));

function hashByHand(a: Agreement): Hex {
  const rows = a.schedule.map((row) =>
    keccak256(
      encodeAbiParameters(parseAbiParameters("bytes32, uint32, uint64, uint64, uint64"), [
        ...[hashText(INSTALMENT), row.day, row.principal, row.interest, row.fee],
      ] as [Hex, number, bigint, bigint, bigint]),
    ),
  );
  const parties = encodeAbiParameters(
    parseAbiParameters("bytes32, address, address, address, uint256, address, uint32, uint32"),
    [
      hashText(AGREEMENT),
      a.borrower,
      a.lender,
      a.currency,
      a.unit,
      a.payee,
      a.disburseFromDay,
      a.disburseUntilDay,
    ],
  );
  const totals = encodeAbiParameters(
    parseAbiParameters("uint64, uint64, uint32, uint32, uint16, uint64, uint32, uint16, uint64"),
    [
      a.principal,
      a.totalRepayable,
      a.firstDay,
      a.lastDay,
      a.count,
      a.upfrontFee,
      a.penaltyRateBps,
      a.penaltyGraceDays,
      a.penaltyCap,
    ],
  );
  const rules = encodeAbiParameters(
    parseAbiParameters("bytes4, uint8, uint16, uint16, int32, bytes32, bytes32, bytes32, uint64, bytes32"),
    [
      a.waterfall,
      a.earlySettlement,
      a.reversalDays,
      a.coolingOffDays,
      a.utcOffset,
      a.documentHash,
      hashText(a.language),
      a.salt,
      a.expiry,
      keccak256(concat(rows)),
    ],
  );
  return keccak256(concat([parties, totals, rules]));
}

function digestByHand(structHash: Hex): Hex {
  const separator = keccak256(
    encodeAbiParameters(parseAbiParameters("bytes32, bytes32, bytes32, uint256, address"), [
      hashText(DOMAIN),
      hashText("Ahadi LoanBook"),
      hashText("1"),
      31_337n,
      LOAN_BOOK,
    ]),
  );
  return keccak256(encodePacked(["bytes2", "bytes32", "bytes32"], ["0x1901", separator, structHash]));
}

describe("agreement", () => {
  const agreement = c02Agreement();
  const refuse = (
    changes: Partial<Agreement>,
    path: string,
    code: Parameters<typeof expectLendingError>[1],
  ) => expectLendingError(() => checkAgreement({ ...agreement, ...changes }), code, path);
  /** Changed rows with totals that fit them, so that only the row itself can be wrong. */
  const refuseRows = (schedule: Instalment[], path: string, code: Parameters<typeof expectLendingError>[1]) =>
    refuse({ schedule, ...signedTotals(schedule) }, path, code);
  const changedRow = (index: number, change: Partial<Instalment>) =>
    agreement.schedule.map((row, i) => (i === index ? { ...row, ...change } : row));

  it("is refused for parties that the contract refuses", () => {
    const zero = `0x${"00".repeat(20)}` as const;
    for (const field of ["borrower", "lender", "currency", "payee"] as const) {
      refuse({ [field]: zero }, field, "invalid");
      refuse({ [field]: "0x12" }, field, "invalid");
    }
    refuse({ lender: agreement.borrower }, "lender", "mismatch");
    refuse({ lender: agreement.borrower.toLowerCase() as Hex }, "lender", "mismatch");
    refuse({ payee: agreement.lender }, "payee", "mismatch");
  });

  it("is refused for rules that the contract refuses", () => {
    for (const unit of [0n, -10n, 2n, 11n, 100_001n]) refuse({ unit }, "unit", "out_of_range");
    expectLendingError(() => checkAgreement({ ...agreement, unit: 10n ** 7n }, 6), "out_of_range", "unit");
    refuse({ disburseUntilDay: agreement.disburseFromDay - 1 }, "disburseUntilDay", "out_of_range");
    refuse({ disburseFromDay: 0.5 }, "disburseFromDay", "out_of_range");
    refuse({ upfrontFee: agreement.principal }, "upfrontFee", "out_of_range");
    refuse({ upfrontFee: -1n }, "upfrontFee", "out_of_range");
    refuse({ penaltyRateBps: 100_001 }, "penaltyRateBps", "out_of_range");
    refuse({ penaltyGraceDays: 367 }, "penaltyGraceDays", "out_of_range");
    refuse({ penaltyCap: 2n ** 64n }, "penaltyCap", "out_of_range");
    refuse({ reversalDays: 367 }, "reversalDays", "out_of_range");
    refuse({ coolingOffDays: 367 }, "coolingOffDays", "out_of_range");
    refuse({ earlySettlement: 2 }, "earlySettlement", "out_of_range");
    for (const utcOffset of [50_460, -50_460, 30, 3600.5]) refuse({ utcOffset }, "utcOffset", "out_of_range");
    for (const waterfall of ["0x00010202", "0x00010204", "0x000102", "0x0001020300"] as const) {
      refuse({ waterfall }, "waterfall", "invalid");
    }
    refuse({ expiry: 0n }, "expiry", "out_of_range");
    refuse({ expiry: 2n ** 64n }, "expiry", "out_of_range");
    refuse({ documentHash: "0x12" }, "documentHash", "invalid");
    refuse({ salt: "0x12" }, "salt", "invalid");
  });

  it("is refused for rows that the contract refuses", () => {
    const day = agreement.schedule[3]?.day ?? 0;
    refuse({ schedule: [], count: 0 }, "schedule", "out_of_range");
    const row = { day: 0, principal: 100n, interest: 0n, fee: 0n };
    const tooMany = Array.from({ length: 367 }, (_, i) => ({ ...row, day: agreement.firstDay + i }));
    refuseRows(tooMany, "schedule", "out_of_range");
    refuseRows(changedRow(4, { day }), "schedule[4].day", "out_of_range");
    refuseRows(changedRow(0, { day: agreement.disburseUntilDay }), "schedule[0].day", "out_of_range");
    refuseRows(changedRow(17, { day: 65_744 }), "schedule[17].day", "out_of_range");
    refuseRows(changedRow(5, { principal: 0n, interest: 0n, fee: 0n }), "schedule[5]", "out_of_range");
    refuseRows(changedRow(5, { interest: -1n }), "schedule[5].interest", "out_of_range");
    refuse({ schedule: changedRow(5, { fee: 2n ** 64n }) }, "schedule[5].fee", "out_of_range");
  });

  it("is refused when a signed total differs from the rows", () => {
    refuse({ principal: agreement.principal + 1n }, "principal", "mismatch");
    refuse({ totalRepayable: agreement.totalRepayable - 1n }, "totalRepayable", "mismatch");
    refuse({ firstDay: agreement.firstDay + 1 }, "firstDay", "mismatch");
    refuse({ lastDay: agreement.lastDay - 1 }, "lastDay", "mismatch");
    refuse({ count: agreement.count + 1 }, "count", "mismatch");
    refuse({ schedule: changedRow(2, { fee: 1n }) }, "totalRepayable", "mismatch");
  });

  it("is refused when one payment could not hold all instalments and the whole penalty", () => {
    const most = 2n ** 64n - 1n - agreement.totalRepayable;
    refuse({ penaltyCap: most + 1n }, "penaltyCap", "out_of_range");
    checkAgreement({ ...agreement, penaltyCap: most });
  });

  it("is accepted with a desk as payee, any order of components, either settlement rule, offsets up to 14 hours", () => {
    checkAgreement(agreement, 6);
    checkAgreement({ ...agreement, payee: agreement.currency });
    checkAgreement({
      ...agreement,
      waterfall: "0x03020100",
      earlySettlement: 0,
      utcOffset: -50_400,
      unit: 1n,
    });
  });

  it("has the totals of its rows", () => {
    const { principal, totalRepayable, firstDay, lastDay, count, ...members } = agreement;
    expect(buildAgreement(members)).to.deep.equal(agreement);
    expect({ principal, totalRepayable, firstDay, lastDay, count }).to.deep.equal(
      signedTotals(agreement.schedule),
    );
  });

  it("has viem's EIP-712 digest as its id, which is also the digest encoded by hand", () => {
    const typed = { domain, types: agreementTypes, primaryType: "Agreement", message: agreement } as const;
    expect(loanIdOf(domain, agreement)).to.equal(hashTypedData(typed));
    expect(loanIdOf(domain, agreement)).to.equal(digestByHand(hashByHand(agreement)));
    const negative = { ...agreement, utcOffset: -18_000, language: "" };
    expect(loanIdOf(domain, negative)).to.equal(digestByHand(hashByHand(negative)));
  });

  it("is consented to by each role with another digest, which is the one encoded by hand", () => {
    for (const [role, id] of [
      ["borrower", 1],
      ["lender", 2],
    ] as const) {
      const structHash = keccak256(
        encodeAbiParameters(parseAbiParameters("bytes32, uint8, bytes32"), [
          hashText(CONSENT),
          id,
          hashByHand(agreement),
        ]),
      );
      expect(consentDigest(domain, role, agreement)).to.equal(digestByHand(structHash));
      expect(consentDigest(domain, role, agreement)).to.equal(
        hashTypedData(consentTypedData(domain, role, agreement)),
      );
    }
  });

  it("is signed by a wallet through the typed data", async () => {
    const account = privateKeyToAccount(`0x${"11".repeat(32)}`);
    const typed = consentTypedData(domain, "borrower", agreement);
    const signature = await account.signTypedData(typed);
    expect(await recoverTypedDataAddress({ ...typed, signature })).to.equal(account.address);
  });

  it("has another id for every member, chain and contract", () => {
    const ids = new Set([loanIdOf(domain, agreement)]);
    for (const [member, value] of Object.entries(agreement)) {
      ids.add(loanIdOf(domain, { ...agreement, [member]: otherThan(value) }));
    }
    ids.add(loanIdOf(agreementDomain(1, LOAN_BOOK), agreement));
    ids.add(loanIdOf(agreementDomain(31_337, agreement.lender), agreement));
    expect(ids.size).to.equal(Object.keys(agreement).length + 3);
  });

  it("survives a round trip through JSON, with amounts as strings", () => {
    const json = JSON.parse(JSON.stringify(agreementToJson(agreement)));
    expect(json).to.include({ principal: "500000", unit: "10000", count: 18, utcOffset: 10_800 });
    expect(agreementFromJson(json)).to.deep.equal(agreement);
    const lowerCase = { ...json, borrower: json.borrower.toLowerCase() };
    expect(agreementFromJson(lowerCase)).to.deep.equal(agreement);
  });

  it("is refused from JSON with unknown, missing or mistyped members, naming them", () => {
    const json = agreementToJson(agreement);
    const { salt: _salt, ...withoutSalt } = json;
    const read = (changes: object) => () => agreementFromJson({ ...json, ...changes });
    expectLendingError(read({ extra: 1 }), "invalid", "extra");
    expectLendingError(() => agreementFromJson(withoutSalt), "invalid", "salt");
    expectLendingError(read({ borrower: "0x12" }), "invalid", "borrower");
    expectLendingError(read({ borrower: agreement.borrower.replace("C", "c") }), "invalid", "borrower");
    expectLendingError(read({ principal: 500_000 }), "invalid", "principal");
    expectLendingError(read({ principal: "-1" }), "out_of_range", "principal");
    expectLendingError(read({ principal: String(2n ** 64n) }), "out_of_range", "principal");
    expectLendingError(read({ count: "18" }), "invalid", "count");
    expectLendingError(read({ count: 70_000 }), "out_of_range", "count");
    expectLendingError(read({ waterfall: "0x000102" }), "invalid", "waterfall");
    const rows = json.schedule.map((row, i) => (i === 3 ? { ...row, day: 1.5 } : row));
    expectLendingError(read({ schedule: rows }), "invalid", "schedule[3].day");
    expectLendingError(() => agreementFromJson("{}"), "invalid", "");
  });
});

function otherThan(value: Agreement[keyof Agreement]): unknown {
  if (typeof value === "bigint") return value + 1n;
  if (typeof value === "number") return value + 1;
  if (typeof value === "string")
    return value.startsWith("0x") ? value.toLowerCase().replace(/.$/, (c) => (c === "0" ? "1" : "0")) : "en";
  return value.slice(1);
}
