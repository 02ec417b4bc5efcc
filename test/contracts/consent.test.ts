import { expect } from "chai";
import { ZeroHash } from "ethers";
import { consentDigest, loanIdOf } from "../../lending/agreement.ts";
import { endOfDay, startOfDay } from "../../lending/calendar.ts";
import {
  as,
  deployHelper,
  ethers,
  type Helper,
  networkHelpers,
  type Signer,
  todayIn,
} from "./support/chain.ts";
import { draft, lend, originate, sign } from "./support/loans.ts";
import {
  fundedInstitution,
  govern,
  institution,
  load,
  UNIT,
  UTC_OFFSET,
  type World,
} from "./support/world.ts";

type Hex = `0x${string}`;
type Wallet = Helper<"approveDigest" | "execute">;

const BORROWER = 1;
const LENDER = 2;

describe("Consent to a loan", () => {
  describe("is refused", () => {
    it("when somebody else signed for the borrower", async () => {
      const world = await load(institution);
      const agreement = await draft(world);
      const borrowerSignature = await sign(world, "borrower", agreement, world.people.stranger);
      await expect(originate(world, agreement, { borrowerSignature }))
        .to.be.revertedWithCustomError(world.book, "LoanBookConsentMissing")
        .withArgs(agreement.borrower, BORROWER);
    });

    it("when the borrower signed in the lender's role, or the lender in the borrower's", async () => {
      const world = await load(institution);
      const agreement = await draft(world);
      const { borrower, lender } = world.people;
      const borrowerSignature = await sign(world, "lender", agreement, borrower);
      await expect(originate(world, agreement, { borrowerSignature }))
        .to.be.revertedWithCustomError(world.book, "LoanBookConsentMissing")
        .withArgs(agreement.borrower, BORROWER);
      const lenderSignature = await sign(world, "borrower", agreement, lender);
      await expect(originate(world, agreement, { lenderSignature }))
        .to.be.revertedWithCustomError(world.book, "LoanBookConsentMissing")
        .withArgs(agreement.lender, LENDER);
    });

    it("when the loan's own id was signed instead of a consent", async () => {
      const world = await load(institution);
      const wallet = ethers.Wallet.createRandom();
      const agreement = await draft(world, { borrower: wallet.address as Hex });
      const borrowerSignature = wallet.signingKey.sign(loanIdOf(world.domain, agreement)).serialized;
      await expect(originate(world, agreement, { borrowerSignature }))
        .to.be.revertedWithCustomError(world.book, "LoanBookConsentMissing")
        .withArgs(agreement.borrower, BORROWER);
    });

    it("when a signature is empty, cut, prolonged or malleable", async () => {
      const world = await load(institution);
      const agreement = await draft(world);
      const good = await sign(world, "borrower", agreement, world.people.borrower);
      const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
      const { r, s, v } = ethers.Signature.from(good);
      const highS = ethers.concat([
        r,
        ethers.toBeHex(order - BigInt(s), 32),
        ethers.toBeHex(v === 27 ? 28 : 27),
      ]);
      for (const borrowerSignature of ["0x", good.slice(0, -2), `${good}00`, highS, `0x${"00".repeat(65)}`]) {
        await expect(originate(world, agreement, { borrowerSignature }))
          .to.be.revertedWithCustomError(world.book, "LoanBookConsentMissing")
          .withArgs(agreement.borrower, BORROWER);
      }
    });

    it("when any member was changed after the signature (INV-25)", async () => {
      const world = await load(institution);
      const agreement = await draft(world);
      const borrowerSignature = await sign(world, "borrower", agreement, world.people.borrower);
      for (const change of [
        { upfrontFee: 1n },
        { penaltyCap: 5_001n },
        { expiry: agreement.expiry + 1n },
        { earlySettlement: 0 },
        { salt: ZeroHash as Hex },
        { language: "en" },
      ]) {
        await expect(originate(world, { ...agreement, ...change }, { borrowerSignature }))
          .to.be.revertedWithCustomError(world.book, "LoanBookConsentMissing")
          .withArgs(agreement.borrower, BORROWER);
      }
    });

    it("when it was signed for another book", async () => {
      const world = await load(institution);
      const agreement = await draft(world);
      const domain = { ...world.domain, verifyingContract: world.people.stranger.address as Hex };
      const borrowerSignature = await sign(
        { ...world, domain },
        "borrower",
        agreement,
        world.people.borrower,
      );
      await expect(originate(world, agreement, { borrowerSignature }))
        .to.be.revertedWithCustomError(world.book, "LoanBookConsentMissing")
        .withArgs(agreement.borrower, BORROWER);
    });

    it("when the lender neither signed nor called", async () => {
      const world = await load(institution);
      const agreement = await draft(world);
      for (const caller of [world.people.borrower, world.people.stranger]) {
        await expect(originate(world, agreement, { caller, lenderSignature: "0x" }))
          .to.be.revertedWithCustomError(world.book, "LoanBookConsentMissing")
          .withArgs(agreement.lender, LENDER);
      }
    });

    it("when the borrower called but did not sign", async () => {
      const world = await load(institution);
      const agreement = await draft(world);
      await expect(originate(world, agreement, { caller: world.people.borrower, borrowerSignature: "0x" }))
        .to.be.revertedWithCustomError(world.book, "LoanBookConsentMissing")
        .withArgs(agreement.borrower, BORROWER);
    });

    it("for a pool by any signature: only its own call counts (INV-28)", async () => {
      const world = await load(fundedInstitution);
      const agreement = await draft(world, { lender: (await world.pool.getAddress()) as Hex });
      for (const person of ["underwriter", "governor", "depositor", "stranger"] as const) {
        const lenderSignature = await sign(world, "lender", agreement, world.people[person]);
        await expect(originate(world, agreement, { caller: world.people.underwriter, lenderSignature }))
          .to.be.revertedWithCustomError(world.book, "LoanBookConsentMissing")
          .withArgs(agreement.lender, LENDER);
      }
    });

    it("when a party has withdrawn it, before or after it was signed (INV-27)", async () => {
      for (const person of ["borrower", "lender"] as const) {
        const world = await load(institution);
        const agreement = await draft(world);
        const loanId = loanIdOf(world.domain, agreement);
        await expect(as(world.people[person], world.book).withdrawConsent(loanId))
          .to.emit(world.book, "ConsentWithdrawn")
          .withArgs(loanId, agreement[person]);
        expect(await world.book.isConsentWithdrawn(loanId, agreement[person])).to.equal(true);
        for (const caller of [world.people.stranger, world.people.lender]) {
          await expect(originate(world, agreement, { caller }))
            .to.be.revertedWithCustomError(world.book, "LoanBookConsentWithdrawn")
            .withArgs(agreement[person], loanId);
        }
      }
    });

    it("for a second loan from the same signatures, also after the first was repaid (INV-26)", async () => {
      const world = await load(institution);
      const { agreement, loanId } = await lend(world);
      await expect(originate(world, agreement))
        .to.be.revertedWithCustomError(world.book, "LoanBookAlreadyOriginated")
        .withArgs(loanId);
      await as(world.people.borrower, world.book).repay(loanId, 10n ** 12n);
      await expect(originate(world, agreement))
        .to.be.revertedWithCustomError(world.book, "LoanBookAlreadyOriginated")
        .withArgs(loanId);
    });

    it("after its expiry, and 0 is not never", async () => {
      const world = await load(institution);
      const now = BigInt(await networkHelpers.time.latest());
      for (const expiry of [0n, now - 1n, now]) {
        const agreement = await draft(world, { expiry });
        const signatures = await signBoth(world, agreement);
        await networkHelpers.time.setNextBlockTimestamp((await networkHelpers.time.latest()) + 1);
        await expect(originate(world, agreement, signatures))
          .to.be.revertedWithCustomError(world.book, "LoanBookExpired")
          .withArgs(expiry, (timestamp: bigint) => timestamp > expiry);
      }
    });

    it("before and after the days of the disbursement window", async () => {
      const world = await load(institution);
      const today = await todayIn(UTC_OFFSET);
      const [fromDay, untilDay] = [today + 2, today + 4];
      const agreement = await draft(world, { disburseFromDay: fromDay, disburseUntilDay: untilDay });
      const signatures = await signBoth(world, agreement);
      const moments = [
        { at: startOfDay(fromDay, UTC_OFFSET) - 1, day: fromDay - 1 },
        { at: startOfDay(untilDay + 1, UTC_OFFSET), day: untilDay + 1 },
      ];
      for (const { at, day } of moments) {
        await networkHelpers.time.setNextBlockTimestamp(at);
        await expect(originate(world, agreement, signatures))
          .to.be.revertedWithCustomError(world.book, "LoanBookOutsideDisbursementWindow")
          .withArgs(day, fromDay, untilDay);
      }
    });

    it("while the book is paused", async () => {
      const world = await load(institution);
      const agreement = await draft(world);
      await as(world.people.guardian, world.book).pause();
      await expect(originate(world, agreement)).to.be.revertedWithCustomError(world.book, "EnforcedPause");
    });

    it("in a currency that is not allowed, or no more", async () => {
      const world = await load(institution);
      const currency = (await (await deployHelper("OddToken", [6])).getAddress()) as Hex;
      await expect(originate(world, await draft(world, { currency })))
        .to.be.revertedWithCustomError(world.book, "LoanBookCurrencyNotAllowed")
        .withArgs(currency);
      await govern(world, world.book, "setCurrency", [await world.dollar.getAddress(), false]);
      const agreement = await draft(world);
      await expect(originate(world, agreement))
        .to.be.revertedWithCustomError(world.book, "LoanBookCurrencyNotAllowed")
        .withArgs(agreement.currency);
    });
  });

  describe("is given", () => {
    it("in the first and in the last second of the window, and in the second of the expiry", async () => {
      await load(institution);
      const today = await todayIn(UTC_OFFSET);
      for (const at of [startOfDay(today + 2, UTC_OFFSET), endOfDay(today + 4, UTC_OFFSET)]) {
        const world = await load(institution);
        const window = { disburseFromDay: today + 2, disburseUntilDay: today + 4 };
        const agreement = await draft(world, { ...window, expiry: BigInt(at) });
        const signatures = await signBoth(world, agreement);
        await networkHelpers.time.setNextBlockTimestamp(at);
        await originate(world, agreement, signatures);
        expect((await world.book.loanOf(loanIdOf(world.domain, agreement))).state).to.equal(1n);
      }
    });

    it("by two signatures, whoever hands them in, or by the lender's own call", async () => {
      for (const caller of ["stranger", "borrower", "lender"] as const) {
        const world = await load(institution);
        const agreement = await draft(world);
        const lenderSignature =
          caller === "lender" ? "0x" : await sign(world, "lender", agreement, world.people.lender);
        const loanId = loanIdOf(world.domain, agreement);
        const transaction = originate(world, agreement, { caller: world.people[caller], lenderSignature });
        await expect(transaction)
          .to.emit(world.book, "LoanOriginated")
          .withArgs(
            loanId,
            agreement.borrower,
            agreement.lender,
            (emitted: unknown[]) => emitted.length === 26,
          );
        await expect(transaction)
          .to.emit(world.book, "Disbursed")
          .withArgs(loanId, agreement.borrower, agreement.disburseFromDay, 30_000n, 0n);
        await expect(transaction).to.changeTokenBalances(
          ethers,
          world.dollar,
          [world.people.lender, world.people.borrower, world.book],
          [-30_000n * UNIT, 30_000n * UNIT, 0n],
        );
        expect(await world.book.ownerOf(loanId)).to.equal(agreement.lender);
      }
    });

    it("again after a consent to another loan was withdrawn", async () => {
      const world = await load(institution);
      const withdrawn = loanIdOf(world.domain, await draft(world));
      await as(world.people.borrower, world.book).withdrawConsent(withdrawn);
      await as(world.people.stranger, world.book).withdrawConsent(withdrawn);
      await lend(world);
    });

    it("for good: a withdrawal after the disbursement changes nothing", async () => {
      const world = await load(institution);
      const { loanId } = await lend(world);
      await as(world.people.lender, world.book).withdrawConsent(loanId);
      await as(world.people.borrower, world.book).withdrawConsent(loanId);
      await as(world.people.borrower, world.book).repay(loanId, 100n);
      expect((await world.book.loanOf(loanId)).payments).to.equal(1n);
    });

    it("with an upfront fee, which stays with the lender", async () => {
      const world = await load(institution);
      const agreement = await draft(world, { upfrontFee: 29_999n });
      const transaction = originate(world, agreement);
      await expect(transaction)
        .to.emit(world.book, "Disbursed")
        .withArgs(loanIdOf(world.domain, agreement), agreement.payee, agreement.disburseFromDay, 1n, 29_999n);
      await expect(transaction).to.changeTokenBalances(
        ethers,
        world.dollar,
        [world.people.lender, world.people.borrower],
        [-UNIT, UNIT],
      );
    });
  });

  describe("of contract wallets (ERC-1271)", () => {
    it("counts for the borrower, and is asked for at the time of the loan", async () => {
      const world = await load(institution);
      const wallet = await walletOf(world.people.borrower);
      const borrower = (await wallet.getAddress()) as Hex;
      const agreement = await draft(world, { borrower });
      const digest = consentDigest(world.domain, "borrower", agreement);
      await as(world.people.borrower, wallet).approveDigest(digest, true);
      await as(world.people.borrower, wallet).approveDigest(digest, false);
      await expect(originate(world, agreement, { borrowerSignature: "0x" }))
        .to.be.revertedWithCustomError(world.book, "LoanBookConsentMissing")
        .withArgs(borrower, BORROWER);
      await originate(world, agreement);
      expect(await world.dollar.balanceOf(borrower)).to.equal(30_000n * UNIT);
    });

    it("counts for the lender, whose own tokens move", async () => {
      const world = await load(institution);
      const wallet = await walletOf(world.people.lender);
      const lender = (await wallet.getAddress()) as Hex;
      await world.dollar.mint(lender, 30_000n * UNIT);
      const approve = world.dollar.interface.encodeFunctionData("approve", [
        await world.book.getAddress(),
        30_000n * UNIT,
      ]);
      await as(world.people.lender, wallet).execute(await world.dollar.getAddress(), approve);
      const agreement = await draft(world, { lender });
      const transaction = originate(world, agreement);
      await expect(transaction).to.changeTokenBalances(ethers, world.dollar, [wallet], [-30_000n * UNIT]);
      expect(await world.book.ownerOf(loanIdOf(world.domain, agreement))).to.equal(lender);
    });

    it("never counts for both sides: one wallet is no two parties", async () => {
      const world = await load(institution);
      const wallet = await walletOf(world.people.borrower);
      const party = (await wallet.getAddress()) as Hex;
      const agreement = await draft(world, { borrower: party, lender: party });
      for (const role of ["borrower", "lender"] as const) {
        await as(world.people.borrower, wallet).approveDigest(
          consentDigest(world.domain, role, agreement),
          true,
        );
      }
      await expect(originate(world, agreement))
        .to.be.revertedWithCustomError(world.book, "LoanBookSameParty")
        .withArgs(party);
    });

    it("of one owner do not lend each other an answer: the role is in what was signed", async () => {
      const world = await load(institution);
      const owner = world.people.borrower;
      const [borrower, lender] = [await walletOf(owner), await walletOf(owner)];
      const agreement = await draft(world, {
        borrower: (await borrower.getAddress()) as Hex,
        lender: (await lender.getAddress()) as Hex,
      });
      const borrowerSignature = await sign(world, "borrower", agreement, owner);
      await expect(originate(world, agreement, { borrowerSignature, lenderSignature: borrowerSignature }))
        .to.be.revertedWithCustomError(world.book, "LoanBookConsentMissing")
        .withArgs(agreement.lender, LENDER);
    });

    it("is missing when the party's contract knows nothing of signatures", async () => {
      const world = await load(institution);
      const borrower = (await world.dollar.getAddress()) as Hex;
      await expect(originate(world, await draft(world, { borrower })))
        .to.be.revertedWithCustomError(world.book, "LoanBookConsentMissing")
        .withArgs(borrower, BORROWER);
    });
  });
});

async function walletOf(owner: Signer): Promise<Wallet> {
  return await deployHelper<"approveDigest" | "execute">("ContractWallet", [owner.address]);
}

async function signBoth(world: World, agreement: Awaited<ReturnType<typeof draft>>) {
  return {
    borrowerSignature: await sign(world, "borrower", agreement, world.people.borrower),
    lenderSignature: await sign(world, "lender", agreement, world.people.lender),
  };
}
