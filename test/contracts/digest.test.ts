import { expect } from "chai";
import { TypedDataEncoder } from "ethers";
import fc from "fast-check";
import type { loanBookAbi } from "../../chain/abi.ts";
import { type Agreement, consentDigest, loanIdOf } from "../../lending/agreement.ts";
import { agreements } from "./support/arbitraries.ts";
import { deployLinked } from "./support/chain.ts";
import { draft, ethersTypes } from "./support/loans.ts";
import { institution, load, NOBODY } from "./support/world.ts";

describe("The digests of an agreement", () => {
  it("differ as soon as any member differs", async () => {
    const { book, ...world } = await load(institution);
    const agreement = await draft({ book, ...world });
    const ids = new Set([await book.loanIdOf(agreement)]);
    for (const changed of oneChangeEach(agreement)) ids.add(await book.loanIdOf(changed));
    expect(ids.size).to.equal(1 + oneChangeEach(agreement).length);
  });

  it("differ between the roles, and from the loan's id", async () => {
    const world = await load(institution);
    const agreement = await draft(world);
    const digests = await Promise.all([
      world.book.loanIdOf(agreement),
      world.book.consentDigest(1, agreement),
      world.book.consentDigest(2, agreement),
    ]);
    expect(new Set(digests).size).to.equal(3);
  });

  it("differ between two books", async () => {
    const world = await load(institution);
    const agreement = await draft(world);
    const { manager, wallets } = world;
    const other = await deployLinked<typeof loanBookAbi>("LoanBook", [manager, wallets, NOBODY]);
    expect(await other.loanIdOf(agreement)).to.not.equal(await world.book.loanIdOf(agreement));
  });

  it("are the same in Solidity, in lending/ and in ethers, whatever the agreement (INV-31)", async () => {
    const world = await load(institution);
    const { book, domain } = world;
    const property = fc.asyncProperty(agreements(), async (agreement) => {
      const ids = [
        await book.loanIdOf(agreement),
        TypedDataEncoder.hash(domain, ethersTypes(["Agreement", "Instalment"]), agreement),
      ];
      expect(ids).to.deep.equal(Array(2).fill(loanIdOf(domain, agreement)));
      for (const [role, id] of [["borrower", 1] as const, ["lender", 2] as const]) {
        const types = ethersTypes(["Consent", "Agreement", "Instalment"]);
        const consents = [
          await book.consentDigest(id, agreement),
          TypedDataEncoder.hash(domain, types, { role: id, agreement }),
        ];
        expect(consents).to.deep.equal(Array(2).fill(consentDigest(domain, role, agreement)));
      }
    });
    await fc.assert(property, { numRuns: 40, seed: 712 });
  });

  it("follow the chain's id, so that a fork's signatures are not ours", async () => {
    const world = await load(institution);
    const agreement = await draft(world);
    const elsewhere = { ...world.domain, chainId: world.domain.chainId + 1 };
    expect(await world.book.loanIdOf(agreement)).to.not.equal(loanIdOf(elsewhere, agreement));
    const described = await world.book.eip712Domain();
    expect([described.name, described.version, described.chainId, described.verifyingContract]).to.deep.equal(
      ["Ahadi LoanBook", "1", BigInt(world.domain.chainId), world.domain.verifyingContract],
    );
  });
});

/** Copies of `agreement` with one member changed in each. */
function oneChangeEach(agreement: Agreement): Agreement[] {
  const other = "0x00000000000000000000000000000000000000ff" as const;
  const word = `0x${"77".repeat(32)}` as const;
  const changes: Partial<Agreement>[] = [
    ...(["borrower", "lender", "currency", "payee"] as const).map((member) => ({ [member]: other })),
    ...(["unit", "principal", "totalRepayable", "upfrontFee", "penaltyCap", "expiry"] as const).map(
      (member) => ({
        [member]: agreement[member] + 1n,
      }),
    ),
    ...(
      [
        "disburseFromDay",
        "disburseUntilDay",
        "firstDay",
        "lastDay",
        "count",
        "penaltyRateBps",
        "penaltyGraceDays",
        "reversalDays",
        "coolingOffDays",
        "utcOffset",
      ] as const
    ).map((member) => ({ [member]: agreement[member] + 1 })),
    { earlySettlement: 0 },
    { waterfall: "0x01000203" },
    { documentHash: word },
    { salt: word },
    { language: "sw-TZ" },
    { schedule: agreement.schedule.slice(1) },
    { schedule: agreement.schedule.map((row, index) => (index === 1 ? { ...row, day: row.day + 1 } : row)) },
    ...(["principal", "interest", "fee"] as const).map((member) => ({
      schedule: agreement.schedule.map((row, index) => (index === 2 ? { ...row, [member]: 7n } : row)),
    })),
  ];
  return changes.map((change) => ({ ...agreement, ...change }));
}
