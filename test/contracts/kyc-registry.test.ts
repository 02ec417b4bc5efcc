import { expect } from "chai";
import { type LogDescription, MaxUint256, type TypedDataField, ZeroAddress, ZeroHash } from "ethers";
import fc from "fast-check";
import { roles } from "../../scripts/deploy/module.ts";
import { accountOf, as, deploy, deployHelper, ethers, networkHelpers, type Signer } from "./support/chain.ts";
import { beforeKyc, govern, type KycRegistry, load, type World } from "./support/world.ts";

const { time } = networkHelpers;

/** The members of a statement in the order in which they are signed. */
const ANCHOR: Record<string, TypedDataField[]> = {
  Anchor: [
    { name: "account", type: "address" },
    { name: "policy", type: "uint32" },
    { name: "commitment", type: "bytes32" },
    { name: "validUntil", type: "uint48" },
    { name: "sequence", type: "uint32" },
    { name: "issuer", type: "address" },
  ],
};

interface Anchor {
  account: string;
  policy: bigint;
  commitment: string;
  validUntil: bigint;
  sequence: bigint;
  issuer: string;
}

const POLICY = 7n;
const YEAR_S = 365 * 86_400;
const MAX_VALIDITY_S = 1827n * 86_400n;
const EVIDENCE = `0x${"e1".repeat(32)}`;
const OTHER_EVIDENCE = `0x${"e2".repeat(32)}`;

/** EIP-7825: gas that one transaction may use. */
const MAX_TRANSACTION_GAS = 2n ** 24n;

/** The mapping of records comes after OpenZeppelin's three slots. */
const RECORDS_SLOT = 3n;

let commitments = 0n;

/** Fixture: the cashier is a second issuer, and the supervisor holds the compliance role too. */
async function twoIssuers(): Promise<World> {
  const world = await beforeKyc();
  const { manager, people } = world;
  await govern(world, manager, "grantRole", [roles.kycIssuer, people.cashier.address, 0]);
  await govern(world, manager, "grantRole", [roles.compliance, people.supervisor.address, 0]);
  return world;
}

/** A statement of the KYC issuer about the borrower, to be the first, good for a year; with a commitment of its own. */
async function statement(world: World, changes: Partial<Anchor> = {}): Promise<Anchor> {
  commitments += 1n;
  return {
    account: world.people.borrower.address,
    policy: POLICY,
    commitment: ethers.toBeHex(commitments, 32),
    validUntil: BigInt((await time.latest()) + YEAR_S),
    sequence: 1n,
    issuer: world.people.kycIssuer.address,
    ...changes,
  };
}

async function domainOf(registry: KycRegistry) {
  const { name, version, chainId, verifyingContract } = await registry.eip712Domain();
  return { name, version, chainId, verifyingContract };
}

async function sign(world: World, anchor: Anchor, signer: Signer = world.people.kycIssuer): Promise<string> {
  return await signer.signTypedData(await domainOf(world.registry), ANCHOR, anchor);
}

/** A stranger brings what its issuer (or `signer`) has signed. */
async function bring(world: World, anchor: Anchor, signer?: Signer) {
  const issuers = [world.people.kycIssuer, world.people.cashier];
  const by = signer ?? issuers.find(({ address }) => address === anchor.issuer);
  return await as(world.people.stranger, world.registry).anchor(anchor, await sign(world, anchor, by));
}

/** The borrower holds a credential; returns its statement. */
async function cleared(world: World, changes: Partial<Anchor> = {}): Promise<Anchor> {
  const anchor = await statement(world, changes);
  await bring(world, anchor);
  return anchor;
}

function eligible({ registry, people }: World, policy = POLICY): Promise<boolean> {
  return registry.isEligible(people.borrower.address, policy);
}

function by(world: World, person: keyof World["people"]): KycRegistry {
  return as(world.people[person], world.registry);
}

describe("Anchoring a credential", () => {
  it("is refused for everybody who is not an issuer, whoever brings the statement", async () => {
    const world = await load(twoIssuers);
    const issuers = [world.people.kycIssuer.address, world.people.cashier.address];
    const others = Object.values(world.people).filter(({ address }) => !issuers.includes(address));
    expect(others.length).to.be.greaterThan(5);
    for (const other of others) {
      const anchor = await statement(world, { issuer: other.address });
      const signature = await sign(world, anchor, other);
      for (const caller of [other, world.people.kycIssuer, world.people.stranger]) {
        await expect(as(caller, world.registry).anchor(anchor, signature))
          .to.be.revertedWithCustomError(world.registry, "KycRegistryNotIssuer")
          .withArgs(other.address);
      }
    }
    expect(await eligible(world)).to.equal(false);
  });

  it("is refused without the signature of the issuer that the statement names", async () => {
    const world = await load(twoIssuers);
    const { kycIssuer, cashier, stranger } = world.people;
    const anchor = await statement(world);
    const genuine = await sign(world, anchor);
    for (const signature of [
      "0x",
      genuine.slice(0, -2),
      `0x${"00".repeat(65)}`,
      await sign(world, anchor, cashier),
    ]) {
      for (const caller of [stranger, cashier]) {
        await expect(as(caller, world.registry).anchor(anchor, signature))
          .to.be.revertedWithCustomError(world.registry, "KycRegistrySignatureInvalid")
          .withArgs(kycIssuer.address);
      }
    }
  });

  it("is refused when any member differs from what was signed", async () => {
    const world = await load(twoIssuers);
    const anchor = await statement(world);
    const signature = await sign(world, anchor);
    const changes: Partial<Anchor>[] = [
      { account: world.people.stranger.address },
      { policy: POLICY + 1n },
      { commitment: EVIDENCE },
      { validUntil: anchor.validUntil + 1n },
      { sequence: 2n },
      { issuer: world.people.cashier.address },
    ];
    expect(changes.length).to.equal(ANCHOR.Anchor?.length);
    for (const change of changes) {
      await expect(
        by(world, "stranger").anchor({ ...anchor, ...change }, signature),
      ).to.be.revertedWithCustomError(world.registry, "KycRegistrySignatureInvalid");
    }
  });

  it("is refused for what the issuer signed elsewhere: another registry, another chain, another type", async () => {
    const world = await load(twoIssuers);
    const { kycIssuer, stranger } = world.people;
    const anchor = await statement(world);
    const domain = await domainOf(world.registry);
    const twin = await deploy("KycRegistry", [await world.manager.getAddress()]);
    const permit = { Permit: [...(ANCHOR.Anchor ?? [])] };
    const signatures = [
      await kycIssuer.signTypedData(
        { ...domain, verifyingContract: await twin.getAddress() },
        ANCHOR,
        anchor,
      ),
      await kycIssuer.signTypedData({ ...domain, chainId: domain.chainId + 1n }, ANCHOR, anchor),
      await kycIssuer.signTypedData({ ...domain, name: "Ahadi LoanBook" }, ANCHOR, anchor),
      await kycIssuer.signTypedData(domain, permit, anchor),
      await kycIssuer.signMessage(ethers.getBytes(await world.registry.anchorDigest(anchor))),
    ];
    for (const signature of signatures) {
      await expect(as(stranger, world.registry).anchor(anchor, signature)).to.be.revertedWithCustomError(
        world.registry,
        "KycRegistrySignatureInvalid",
      );
    }
  });

  it("is refused for zeros, the issuer's own included", async () => {
    const world = await load(twoIssuers);
    const { registry } = world;
    const { borrower } = world.people;
    const refusals: [Partial<Anchor>, string, unknown[]][] = [
      [{ account: ZeroAddress }, "KycRegistryAccountZero", []],
      [{ policy: 0n }, "KycRegistryPolicyZero", [borrower.address]],
      [{ commitment: ZeroHash }, "KycRegistryCommitmentZero", [borrower.address]],
      [{ sequence: 0n }, "KycRegistrySequenceNotNew", [borrower.address, 0n, 0n]],
      [{ issuer: ZeroAddress }, "KycRegistryNotIssuer", [ZeroAddress]],
    ];
    for (const [change, error, args] of refusals) {
      const anchor = await statement(world, change);
      const attempt = by(world, "kycIssuer").anchor(anchor, "0x");
      await expect(attempt, error)
        .to.be.revertedWithCustomError(registry, error)
        .withArgs(...args);
    }
    const nothing: Anchor = {
      ...{ account: borrower.address, policy: 0n, commitment: ZeroHash },
      ...{ validUntil: 0n, sequence: 0n, issuer: ZeroAddress },
    };
    await expect(by(world, "kycIssuer").anchor(nothing, "0x")).to.be.revertedWithCustomError(
      registry,
      "KycRegistryPolicyZero",
    );
  });

  it("is refused for a credential that is over, and 0 is not never", async () => {
    const world = await load(twoIssuers);
    const now = BigInt(await time.latest()) + 10n;
    for (const validUntil of [0n, 1n, now - 1n, now]) {
      const anchor = await statement(world, { validUntil });
      const signature = await sign(world, anchor);
      await time.setNextBlockTimestamp(Number(now));
      await expect(by(world, "stranger").anchor(anchor, signature))
        .to.be.revertedWithCustomError(world.registry, "KycRegistryExpired")
        .withArgs(world.people.borrower.address, validUntil, now);
      await networkHelpers.loadFixture(twoIssuers);
    }
  });

  it("is refused beyond the longest validity: neither milliseconds nor the largest number are never", async () => {
    const world = await load(twoIssuers);
    const now = BigInt(await time.latest()) + 10n;
    for (const validUntil of [now + MAX_VALIDITY_S + 1n, now * 1000n, 2n ** 48n - 1n]) {
      const anchor = await statement(world, { validUntil });
      const signature = await sign(world, anchor);
      await time.setNextBlockTimestamp(Number(now));
      await expect(by(world, "stranger").anchor(anchor, signature))
        .to.be.revertedWithCustomError(world.registry, "KycRegistryValidTooLong")
        .withArgs(world.people.borrower.address, validUntil, now + MAX_VALIDITY_S);
      await networkHelpers.loadFixture(twoIssuers);
    }
    const longest = await statement(world, { validUntil: now + MAX_VALIDITY_S });
    const signature = await sign(world, longest);
    await time.setNextBlockTimestamp(Number(now));
    await by(world, "stranger").anchor(longest, signature);
    expect(await eligible(world)).to.equal(true);
  });

  it("is refused for a sequence that jumps, so that no key uses up the numbers", async () => {
    const world = await load(twoIssuers);
    const { borrower } = world.people;
    for (const [last, sequence] of [
      [0n, 257n],
      [0n, 2n ** 32n - 1n],
      [256n, 513n],
    ] as const) {
      if (last > 0n) await cleared(world, { sequence: last });
      await expect(bring(world, await statement(world, { sequence })))
        .to.be.revertedWithCustomError(world.registry, "KycRegistrySequenceTooFar")
        .withArgs(borrower.address, sequence, last + 256n);
    }
    await cleared(world, { sequence: 512n });
    expect((await world.registry.recordOf(borrower.address)).sequence).to.equal(512n);
  });

  it("is refused once the issuer has lost the role, though it signed before; what stands goes on", async () => {
    const world = await load(twoIssuers);
    const { kycIssuer } = world.people;
    await cleared(world);
    const late = await statement(world, { sequence: 2n });
    const signature = await sign(world, late);
    await govern(world, world.manager, "revokeRole", [roles.kycIssuer, kycIssuer.address]);
    for (const person of ["stranger", "kycIssuer"] as const) {
      await expect(by(world, person).anchor(late, signature))
        .to.be.revertedWithCustomError(world.registry, "KycRegistryNotIssuer")
        .withArgs(kycIssuer.address);
    }
    expect(await eligible(world)).to.equal(true);
  });

  it("is refused for an issuer who may act only after a delay, and while the registry is closed", async () => {
    const world = await load(twoIssuers);
    const { registry, manager, people } = world;
    await govern(world, manager, "grantRole", [roles.kycIssuer, people.cashier.address, 60]);
    const delayed = await statement(world, { issuer: people.cashier.address });
    await expect(bring(world, delayed))
      .to.be.revertedWithCustomError(registry, "KycRegistryNotIssuer")
      .withArgs(people.cashier.address);
    await govern(world, manager, "setTargetClosed", [await registry.getAddress(), true]);
    await expect(bring(world, await statement(world)))
      .to.be.revertedWithCustomError(registry, "KycRegistryNotIssuer")
      .withArgs(people.kycIssuer.address);
  });

  it("is refused in the manager's name, behind which an issuer would stay unknown", async () => {
    const world = await load(twoIssuers);
    const { registry, manager, people } = world;
    const anchor = await statement(world, { issuer: await manager.getAddress() });
    const data = registry.interface.encodeFunctionData("anchor", [anchor, "0x"]);
    await expect(as(people.kycIssuer, manager).execute(await registry.getAddress(), data))
      .to.be.revertedWithCustomError(registry, "KycRegistryNotIssuer")
      .withArgs(anchor.issuer);
  });

  it("writes what was stated, whoever brings it, and tells it", async () => {
    const world = await load(twoIssuers);
    const { registry, people } = world;
    const anchor = await statement(world);
    await expect(bring(world, anchor))
      .to.emit(registry, "CredentialAnchored")
      .withArgs(anchor.account, anchor.issuer, POLICY, anchor.commitment, anchor.validUntil, 1n);
    const record = await registry.recordOf(people.borrower.address);
    expect(record.toObject()).to.deep.equal({
      commitment: anchor.commitment,
      validUntil: anchor.validUntil,
      anchoredAt: BigInt(await time.latest()),
      policy: POLICY,
      sequence: 1n,
      issuer: people.kycIssuer.address,
      revoked: false,
      blocked: false,
    });
    expect(await eligible(world)).to.equal(true);
    expect(await registry.isEligible(people.stranger.address, POLICY)).to.equal(false);
  });

  it("asks the issuer who calls for no signature", async () => {
    const world = await load(twoIssuers);
    await by(world, "kycIssuer").anchor(await statement(world), "0x");
    expect(await eligible(world)).to.equal(true);
  });

  it("shows the digest that wallets sign", async () => {
    const world = await load(twoIssuers);
    const anchor = await statement(world);
    const domain = await domainOf(world.registry);
    expect(await world.registry.anchorDigest(anchor)).to.equal(
      ethers.TypedDataEncoder.hash(domain, ANCHOR, anchor),
    );
    expect(domain).to.include({ name: "Ahadi KycRegistry", version: "1" });
  });
});

describe("A contract wallet as KYC issuer", () => {
  it("signs by ERC-1271, and no signature of its owner is another wallet's", async () => {
    const world = await load(twoIssuers);
    const { registry, manager, people } = world;
    // One after the other: both are compiled, and the compiler keeps one cache.
    const wallets = [
      await deployHelper("ContractWallet", [people.lender.address]),
      await deployHelper("ContractWallet", [people.lender.address]),
    ] as const;
    const first = await wallets[0].getAddress();
    const second = await wallets[1].getAddress();
    for (const wallet of [first, second]) {
      await govern(world, manager, "grantRole", [roles.kycIssuer, wallet, 0]);
    }
    const anchor = await statement(world, { issuer: first });
    const signature = await sign(world, anchor, people.lender);
    await expect(by(world, "stranger").anchor({ ...anchor, issuer: second }, signature))
      .to.be.revertedWithCustomError(registry, "KycRegistrySignatureInvalid")
      .withArgs(second);
    await expect(bring(world, anchor, people.kycIssuer))
      .to.be.revertedWithCustomError(registry, "KycRegistrySignatureInvalid")
      .withArgs(first);
    await by(world, "stranger").anchor(anchor, signature);
    expect((await registry.recordOf(people.borrower.address)).issuer).to.equal(first);
  });
});

describe("The sequence of statements", () => {
  it("refuses an old statement after a renewal, and another one with the same number", async () => {
    const world = await load(twoIssuers);
    const { borrower, cashier } = world.people;
    const first = await cleared(world, { sequence: 1n });
    const second = await cleared(world, { sequence: 3n });
    const others = [
      { policy: 8n },
      { commitment: first.commitment },
      { validUntil: second.validUntil + 1n },
      { issuer: cashier.address },
      { sequence: 2n },
    ].map((change) => ({ ...second, ...change }));
    for (const stale of [first, ...others]) {
      await expect(bring(world, stale))
        .to.be.revertedWithCustomError(world.registry, "KycRegistrySequenceNotNew")
        .withArgs(borrower.address, stale.sequence, 3n);
    }
    expect((await world.registry.recordOf(borrower.address)).commitment).to.equal(second.commitment);
  });

  it("takes the same content with a new number as a new statement", async () => {
    const world = await load(twoIssuers);
    const first = await cleared(world);
    await expect(bring(world, { ...first, sequence: 2n })).to.emit(world.registry, "CredentialAnchored");
    const { sequence, anchoredAt } = await world.registry.recordOf(world.people.borrower.address);
    expect([sequence, anchoredAt]).to.deep.equal([2n, BigInt(await time.latest())]);
  });

  it("takes what stands already as said, and changes nothing", async () => {
    const world = await load(twoIssuers);
    const { registry, people } = world;
    const anchor = await cleared(world);
    const before = await registry.recordOf(people.borrower.address);
    await expect(bring(world, anchor)).to.not.emit(registry, "CredentialAnchored");
    await expect(by(world, "stranger").anchor(anchor, "0x")).to.not.emit(registry, "CredentialAnchored");
    expect(await registry.recordOf(people.borrower.address)).to.deep.equal(before);
  });

  it("lets the first of two racing issuers win; the other signs anew", async () => {
    const world = await load(twoIssuers);
    const { registry, people } = world;
    const hers = await statement(world);
    const his = await statement(world, { issuer: people.cashier.address, policy: 9n });
    for (const [first, second] of [
      [hers, his],
      [his, hers],
    ] as const) {
      await load(twoIssuers);
      await bring(world, first);
      await expect(bring(world, second))
        .to.be.revertedWithCustomError(registry, "KycRegistrySequenceNotNew")
        .withArgs(people.borrower.address, 1n, 1n);
      await bring(world, { ...second, sequence: 2n });
      const record = await registry.recordOf(people.borrower.address);
      expect([record.issuer, record.policy]).to.deep.equal([second.issuer, second.policy]);
    }
  });

  it("counts for each account alone", async () => {
    const world = await load(twoIssuers);
    await cleared(world, { sequence: 200n });
    await cleared(world, { sequence: 1n, account: world.people.lender.address });
    expect(await world.registry.isEligible(world.people.lender.address, POLICY)).to.equal(true);
  });
});

describe("Revoking", () => {
  it("takes effect at once, is told, and only a newer statement undoes it", async () => {
    const world = await load(twoIssuers);
    const { registry, people } = world;
    const anchor = await cleared(world);
    await expect(by(world, "cashier").revoke(people.borrower.address, 1n))
      .to.emit(registry, "CredentialRevoked")
      .withArgs(people.borrower.address, people.cashier.address, 1n);
    expect(await eligible(world)).to.equal(false);
    await expect(bring(world, anchor))
      .to.be.revertedWithCustomError(registry, "KycRegistrySequenceNotNew")
      .withArgs(people.borrower.address, 1n, 1n);
    await cleared(world, { sequence: 2n });
    expect(await eligible(world)).to.equal(true);
  });

  it("voids statements that were signed but held back, up to the number given", async () => {
    const world = await load(twoIssuers);
    const { borrower } = world.people;
    await cleared(world);
    const [second, third, fourth] = await Promise.all(
      [2n, 3n, 4n].map((sequence) => statement(world, { sequence })),
    );
    await by(world, "kycIssuer").revoke(borrower.address, 3n);
    for (const held of [second, third] as Anchor[]) {
      await expect(bring(world, held))
        .to.be.revertedWithCustomError(world.registry, "KycRegistrySequenceNotNew")
        .withArgs(borrower.address, held.sequence, 3n);
    }
    expect(await eligible(world)).to.equal(false);
    await bring(world, fourth as Anchor);
    expect(await eligible(world)).to.equal(true);
  });

  it("is not escaped by bringing a newer statement first", async () => {
    const world = await load(twoIssuers);
    const { borrower } = world.people;
    await cleared(world, { sequence: 1n });
    await cleared(world, { sequence: 2n });
    await by(world, "kycIssuer").revoke(borrower.address, 1n);
    expect(await eligible(world)).to.equal(false);
    expect((await world.registry.recordOf(borrower.address)).sequence).to.equal(2n);
  });

  it("works before anything was brought, and needs a number then", async () => {
    const world = await load(twoIssuers);
    const { registry, people } = world;
    await expect(by(world, "kycIssuer").revoke(people.borrower.address, 0n))
      .to.be.revertedWithCustomError(registry, "KycRegistryNothingToRevoke")
      .withArgs(people.borrower.address);
    const held = await statement(world);
    await by(world, "kycIssuer").revoke(people.borrower.address, 1n);
    await expect(bring(world, held)).to.be.revertedWithCustomError(registry, "KycRegistrySequenceNotNew");
    expect(await eligible(world)).to.equal(false);
  });

  it("is refused for a number that jumps, and says nothing twice", async () => {
    const world = await load(twoIssuers);
    const { registry, people } = world;
    await cleared(world);
    await expect(by(world, "kycIssuer").revoke(people.borrower.address, 258n))
      .to.be.revertedWithCustomError(registry, "KycRegistrySequenceTooFar")
      .withArgs(people.borrower.address, 258n, 257n);
    await by(world, "kycIssuer").revoke(people.borrower.address, 0n);
    for (const sequence of [0n, 1n]) {
      await expect(by(world, "cashier").revoke(people.borrower.address, sequence)).to.not.emit(
        registry,
        "CredentialRevoked",
      );
    }
    await expect(by(world, "cashier").revoke(people.borrower.address, 2n))
      .to.emit(registry, "CredentialRevoked")
      .withArgs(people.borrower.address, people.cashier.address, 2n);
  });
});

describe("A sanctions block", () => {
  it("is lifted by no statement and no revocation: blocked, issued, unblocked in this order", async () => {
    const world = await load(twoIssuers);
    const { registry, people } = world;
    const { address } = people.borrower;
    await cleared(world);
    await expect(by(world, "compliance").blockAccounts([address], EVIDENCE))
      .to.emit(registry, "AccountBlocked")
      .withArgs(address, people.compliance.address, EVIDENCE);
    await cleared(world, { sequence: 2n });
    expect([await eligible(world), (await registry.recordOf(address)).blocked]).to.deep.equal([false, true]);
    await by(world, "kycIssuer").revoke(address, 2n);
    await cleared(world, { sequence: 3n, issuer: people.cashier.address });
    expect([await eligible(world), (await registry.recordOf(address)).blocked]).to.deep.equal([false, true]);

    await expect(by(world, "compliance").requestUnblock(address, OTHER_EVIDENCE))
      .to.emit(registry, "UnblockRequested")
      .withArgs(address, people.compliance.address, OTHER_EVIDENCE);
    expect(await eligible(world)).to.equal(false);
    await expect(by(world, "supervisor").unblock(address, OTHER_EVIDENCE))
      .to.emit(registry, "AccountUnblocked")
      .withArgs(address, people.supervisor.address, people.compliance.address, OTHER_EVIDENCE);
    expect(await eligible(world)).to.equal(true);
  });

  it("leaves a revocation as it was when it is lifted", async () => {
    const world = await load(twoIssuers);
    const { address } = world.people.borrower;
    await cleared(world);
    await by(world, "compliance").blockAccounts([address], EVIDENCE);
    await by(world, "kycIssuer").revoke(address, 1n);
    await by(world, "compliance").requestUnblock(address, EVIDENCE);
    await by(world, "supervisor").unblock(address, EVIDENCE);
    expect(await eligible(world)).to.equal(false);
  });

  it("meets an account of which nothing is known yet", async () => {
    const world = await load(twoIssuers);
    await by(world, "compliance").blockAccounts([world.people.borrower.address], EVIDENCE);
    await cleared(world);
    expect(await eligible(world)).to.equal(false);
  });

  it("is not lifted by one person, though she holds both roles", async () => {
    const world = await load(twoIssuers);
    const { registry, manager, people } = world;
    const { address } = people.borrower;
    await by(world, "compliance").blockAccounts([address], EVIDENCE);
    await by(world, "supervisor").requestUnblock(address, EVIDENCE);
    await expect(by(world, "supervisor").unblock(address, EVIDENCE))
      .to.be.revertedWithCustomError(registry, "KycRegistryMakerIsChecker")
      .withArgs(address, people.supervisor.address);
    // Through the manager the maker would be the manager, and so not the checker.
    const target = await registry.getAddress();
    for (const [name, person] of [
      ["requestUnblock", "compliance"],
      ["requestUnblock", "supervisor"],
      ["unblock", "supervisor"],
    ] as const) {
      const data = registry.interface.encodeFunctionData(name, [address, EVIDENCE]);
      await expect(as(people[person], manager).execute(target, data))
        .to.be.revertedWithCustomError(registry, "AccessManagedUnauthorized")
        .withArgs(await manager.getAddress());
    }
    expect((await registry.unblockRequestOf(address)).requestedBy).to.equal(people.supervisor.address);
  });

  it("is lifted only as requested, and a new block voids the request", async () => {
    const world = await load(twoIssuers);
    const { registry, people } = world;
    const { address } = people.borrower;
    const refused = async (evidence: string) =>
      await expect(by(world, "supervisor").unblock(address, evidence))
        .to.be.revertedWithCustomError(registry, "KycRegistryUnblockNotRequested")
        .withArgs(address, evidence);
    await by(world, "compliance").blockAccounts([address], EVIDENCE);
    for (const evidence of [ZeroHash, EVIDENCE]) await refused(evidence);
    await by(world, "compliance").requestUnblock(address, EVIDENCE);
    await by(world, "compliance").requestUnblock(address, OTHER_EVIDENCE);
    for (const evidence of [ZeroHash, EVIDENCE]) await refused(evidence);
    await by(world, "compliance").blockAccounts([address], EVIDENCE);
    for (const evidence of [ZeroHash, OTHER_EVIDENCE]) await refused(evidence);
    expect([...(await registry.unblockRequestOf(address))]).to.deep.equal([ZeroAddress, ZeroHash]);
    await by(world, "compliance").requestUnblock(address, OTHER_EVIDENCE);
    await by(world, "supervisor").unblock(address, OTHER_EVIDENCE);
    await refused(OTHER_EVIDENCE);
    expect((await registry.recordOf(address)).blocked).to.equal(false);
  });

  it("needs evidence, an account, and something to lift", async () => {
    const world = await load(twoIssuers);
    const { registry, people } = world;
    const { address } = people.borrower;
    const compliance = by(world, "compliance");
    await expect(compliance.blockAccounts([address], ZeroHash)).to.be.revertedWithCustomError(
      registry,
      "KycRegistryEvidenceZero",
    );
    await expect(compliance.blockAccounts([address, ZeroAddress], EVIDENCE)).to.be.revertedWithCustomError(
      registry,
      "KycRegistryAccountZero",
    );
    await expect(compliance.requestUnblock(address, EVIDENCE))
      .to.be.revertedWithCustomError(registry, "KycRegistryNotBlocked")
      .withArgs(address);
    await compliance.blockAccounts([address], EVIDENCE);
    await expect(compliance.requestUnblock(address, ZeroHash)).to.be.revertedWithCustomError(
      registry,
      "KycRegistryEvidenceZero",
    );
  });
});

describe("Delisting an issuer", () => {
  it("disables all that it has issued at once, and stops it; the others go on (INV-81)", async () => {
    const world = await load(twoIssuers);
    const { registry, people } = world;
    await cleared(world);
    const his = { account: people.lender.address, issuer: people.cashier.address };
    await cleared(world, his);
    const held = await statement(world, { sequence: 2n });
    await expect(by(world, "compliance").delistIssuer(people.kycIssuer.address))
      .to.emit(registry, "IssuerDelisted")
      .withArgs(people.kycIssuer.address, people.compliance.address);
    expect(await registry.isDelisted(people.kycIssuer.address)).to.equal(true);
    expect(await eligible(world)).to.equal(false);
    expect(await registry.isEligible(people.lender.address, POLICY)).to.equal(true);
    for (const person of ["stranger", "kycIssuer"] as const) {
      await expect(by(world, person).anchor(held, await sign(world, held)))
        .to.be.revertedWithCustomError(registry, "KycRegistryIssuerDelisted")
        .withArgs(people.kycIssuer.address);
    }
    await cleared(world, { sequence: 2n, issuer: people.cashier.address });
    expect(await eligible(world)).to.equal(true);
  });

  it("works before the issuer has issued anything", async () => {
    const world = await load(twoIssuers);
    await by(world, "compliance").delistIssuer(world.people.kycIssuer.address);
    await expect(bring(world, await statement(world)))
      .to.be.revertedWithCustomError(world.registry, "KycRegistryIssuerDelisted")
      .withArgs(world.people.kycIssuer.address);
  });

  it("is undone by the governor alone, after the delay", async () => {
    const world = await load(twoIssuers);
    const { registry, people } = world;
    await cleared(world);
    await by(world, "compliance").delistIssuer(people.kycIssuer.address);
    await expect(govern(world, registry, "relistIssuer", [people.kycIssuer.address]))
      .to.emit(registry, "IssuerRelisted")
      .withArgs(people.kycIssuer.address, people.governor.address);
    expect([await eligible(world), await registry.isDelisted(people.kycIssuer.address)]).to.deep.equal([
      true,
      false,
    ]);
  });

  it("is refused twice, for nobody, and undone only where it happened", async () => {
    const world = await load(twoIssuers);
    const { registry, people } = world;
    const compliance = by(world, "compliance");
    await compliance.delistIssuer(people.cashier.address);
    await expect(compliance.delistIssuer(people.cashier.address))
      .to.be.revertedWithCustomError(registry, "KycRegistryIssuerDelisted")
      .withArgs(people.cashier.address);
    await expect(compliance.delistIssuer(ZeroAddress)).to.be.revertedWithCustomError(
      registry,
      "KycRegistryAccountZero",
    );
    await expect(govern(world, registry, "relistIssuer", [people.kycIssuer.address]))
      .to.be.revertedWithCustomError(registry, "KycRegistryIssuerNotDelisted")
      .withArgs(people.kycIssuer.address);
  });
});

describe("Eligibility", () => {
  it("ends with the second before validUntil", async () => {
    const world = await load(twoIssuers);
    const { registry, people } = world;
    const { address } = people.borrower;
    const { validUntil } = await cleared(world);
    const anchoredAt = BigInt(await time.latest());
    const at = (timestamp: bigint) => registry.isEligibleAt(address, POLICY, timestamp);
    const seconds = [0n, anchoredAt - 1n, anchoredAt, validUntil - 1n, validUntil, MaxUint256];
    expect(await Promise.all(seconds.map(at))).to.deep.equal([false, false, true, true, false, false]);
    await time.increaseTo(validUntil - 1n);
    expect(await eligible(world)).to.equal(true);
    await time.increaseTo(validUntil);
    expect(await eligible(world)).to.equal(false);
    await cleared(world, { sequence: 2n });
    expect(await eligible(world)).to.equal(true);
  });

  it("holds under the credential's policy alone, and no account is eligible under policy 0", async () => {
    const world = await load(twoIssuers);
    await cleared(world);
    for (const policy of [0n, POLICY - 1n, POLICY + 1n, 2n ** 32n - 1n]) {
      expect(await eligible(world, policy)).to.equal(false);
    }
    await cleared(world, { sequence: 2n, policy: 8n });
    expect([await eligible(world), await eligible(world, 8n)]).to.deep.equal([false, true]);
    for (const timestamp of [0n, 1n, BigInt(await time.latest())]) {
      expect(await world.registry.isEligibleAt(world.people.stranger.address, 0n, timestamp)).to.equal(false);
      expect(await world.registry.isEligibleAt(ZeroAddress, POLICY, timestamp)).to.equal(false);
    }
  });

  it("is answered from two slots", async () => {
    const world = await load(twoIssuers);
    const { registry, people } = world;
    await cleared(world);
    const data = registry.interface.encodeFunctionData("isEligible", [people.borrower.address, POLICY]);
    const call = { to: await registry.getAddress(), data };
    const trace = (await ethers.provider.send("debug_traceCall", [call, "latest"])) as {
      structLogs: { op: string; stack: string[] }[];
    };
    const loads = trace.structLogs.filter(({ op }) => op === "SLOAD");
    expect(loads.length).to.be.greaterThan(0);
    expect(new Set(loads.map(({ stack }) => stack.at(-1))).size).to.equal(2);
  });
});

describe("The registry's storage", () => {
  it("holds an account in two slots, each member in its place", async () => {
    const world = await load(twoIssuers);
    const { registry, people } = world;
    await cleared(world, { issuer: people.cashier.address });
    const anchor = await cleared(world, { sequence: 5n });
    await by(world, "kycIssuer").revoke(people.borrower.address, 6n);
    await by(world, "compliance").blockAccounts([people.borrower.address], EVIDENCE);
    const { anchoredAt } = await registry.recordOf(people.borrower.address);
    const address = await registry.getAddress();
    const key = ethers.AbiCoder.defaultAbiCoder().encode(
      ["address", "uint256"],
      [people.borrower.address, RECORDS_SLOT],
    );
    const base = BigInt(ethers.keccak256(key));
    const slots = await Promise.all(
      [0n, 1n, 2n].map((offset) => ethers.provider.getStorage(address, base + offset)),
    );
    // The first one to state anything: the fixture's anchoring was its.
    const issuerNr = 1n;
    const members: [bigint, number][] = [
      [anchor.validUntil, 48],
      [anchoredAt, 48],
      [POLICY, 32],
      [6n, 32],
      [issuerNr, 32],
      [1n, 8],
      [1n, 8],
    ];
    let standing = 0n;
    let shift = 0n;
    for (const [value, bits] of members) {
      standing |= value << shift;
      shift += BigInt(bits);
    }
    expect(slots).to.deep.equal([anchor.commitment, ethers.toBeHex(standing, 32), ZeroHash]);
  });
});

/** What an auditor knows who has nothing but the events. */
interface Books {
  records: Map<string, Record<string, unknown>>;
  delisted: Map<string, boolean>;
  requests: Map<string, [string, string]>;
}

const BLANK = {
  ...{ commitment: ZeroHash, validUntil: 0n, anchoredAt: 0n, policy: 0n, sequence: 0n },
  ...{ issuer: ZeroAddress, revoked: false, blocked: false },
};

/** Turns a page: one event, and the time of its block. */
function enter(
  { records, delisted, requests }: Books,
  { name, args }: LogDescription,
  timestamp: bigint,
): void {
  const { account, by, issuer, policy, commitment, validUntil, sequence, evidence } = args;
  const record = { ...BLANK, ...records.get(account) };
  const changes: Record<string, Record<string, unknown>> = {
    CredentialAnchored: {
      ...{ commitment, validUntil, anchoredAt: timestamp, policy, sequence, issuer, revoked: false },
    },
    CredentialRevoked: { sequence, revoked: true },
    AccountBlocked: { blocked: true },
    AccountUnblocked: { blocked: false },
    UnblockRequested: {},
  };
  if (name in changes) records.set(account, { ...record, ...changes[name] });
  if (name === "IssuerDelisted" || name === "IssuerRelisted") delisted.set(issuer, name === "IssuerDelisted");
  if (name === "AccountBlocked" || name === "AccountUnblocked") requests.delete(account);
  if (name === "UnblockRequested") requests.set(account, [by, evidence]);
}

describe("The registry's events", () => {
  /** Something that somebody tries; what is refused leaves no trace. */
  const acts = fc.array(
    fc.record({
      act: fc.constantFrom(
        ...([
          "anchor",
          "anchor",
          "anchor",
          "revoke",
          "block",
          "request",
          "unblock",
          "delist",
          "relist",
        ] as const),
      ),
      account: fc.nat(2),
      issuer: fc.constantFrom("kycIssuer" as const, "cashier" as const),
      step: fc.nat(3),
      policy: fc.constantFrom(POLICY, 8n),
    }),
    { minLength: 10, maxLength: 40 },
  );

  it("rebuild all that it stores, whatever was done and tried", async () => {
    const property = fc.asyncProperty(acts, async (plan) => {
      const world = await load(twoIssuers);
      const { registry, people } = world;
      const accounts = [people.borrower, people.lender, people.depositor].map(({ address }) => address);
      for (const { act, account: index, issuer, step, policy } of plan) {
        const account = accounts[index] as string;
        const { sequence: last } = await registry.recordOf(account);
        const sequence = (last as bigint) + BigInt(step);
        const anchor = await statement(world, { account, policy, sequence, issuer: people[issuer].address });
        const attempts = {
          anchor: () => bring(world, anchor),
          revoke: () => by(world, issuer).revoke(account, sequence),
          block: () => by(world, "compliance").blockAccounts([account], EVIDENCE),
          request: () => by(world, "compliance").requestUnblock(account, OTHER_EVIDENCE),
          unblock: () => by(world, "supervisor").unblock(account, OTHER_EVIDENCE),
          delist: () => by(world, "compliance").delistIssuer(people[issuer].address),
          relist: () => govern(world, registry, "relistIssuer", [people[issuer].address]),
        };
        await attempts[act]().catch(() => undefined);
      }
      const books = await readBooks(world);
      for (const account of accounts) {
        const record = (await registry.recordOf(account)).toObject();
        expect(record).to.deep.equal(books.records.get(account) ?? BLANK);
        const request = [...(await registry.unblockRequestOf(account))];
        expect(request).to.deep.equal(books.requests.get(account) ?? [ZeroAddress, ZeroHash]);
      }
      for (const { address } of [people.kycIssuer, people.cashier]) {
        expect(await registry.isDelisted(address)).to.equal(books.delisted.get(address) ?? false);
      }
    });
    await fc.assert(property, { numRuns: 12, seed: 4 });
  });

  async function readBooks({ registry }: World): Promise<Books> {
    const books: Books = { records: new Map(), delisted: new Map(), requests: new Map() };
    for (const log of await registry.queryFilter("*", 0, "latest")) {
      const event = registry.interface.parseLog(log);
      const block = await log.getBlock();
      if (event !== null) enter(books, event, BigInt(block.timestamp));
    }
    return books;
  }
});

describe("A batch", () => {
  /** Statements about `count` accounts, each signed. */
  async function many(world: World, count: number) {
    const rows = Array.from({ length: count }, async (_, index) => {
      const anchor = await statement(world, { account: ethers.toBeHex(0x1000 + index, 20) });
      return { anchor, signature: await sign(world, anchor) };
    });
    return await Promise.all(rows);
  }

  it("holds 1 to 100 rows", async () => {
    const world = await load(twoIssuers);
    const { registry } = world;
    const rows = await many(world, 101);
    const accounts = rows.map(({ anchor }) => anchor.account);
    const revocations = accounts.map((account) => ({ account, sequence: 1n }));
    for (const size of [0, 101]) {
      for (const attempt of [
        by(world, "stranger").anchorMany(rows.slice(0, size)),
        by(world, "kycIssuer").revokeMany(revocations.slice(0, size)),
        by(world, "compliance").blockAccounts(accounts.slice(0, size), EVIDENCE),
      ]) {
        await expect(attempt)
          .to.be.revertedWithCustomError(registry, "KycRegistryBatchOutOfBounds")
          .withArgs(BigInt(size), 100n);
      }
    }
    const full = [
      await by(world, "stranger").anchorMany(rows.slice(0, 100)),
      await by(world, "kycIssuer").revokeMany(revocations.slice(0, 100)),
      await by(world, "compliance").blockAccounts(accounts.slice(0, 100), EVIDENCE),
    ];
    for (const transaction of full) {
      const receipt = await transaction.wait();
      expect(receipt?.logs.length).to.equal(100);
      expect((receipt?.gasUsed ?? MAX_TRANSACTION_GAS) < MAX_TRANSACTION_GAS).to.equal(true);
    }
    const last = await registry.recordOf(accounts[99] as string);
    expect([last.revoked, last.blocked, last.sequence]).to.deep.equal([true, true, 1n]);
  });

  it("is done whole or not at all", async () => {
    const world = await load(twoIssuers);
    const { registry } = world;
    const rows = await many(world, 3);
    const bad = {
      anchor: { ...(rows[2] as (typeof rows)[0]).anchor, policy: 99n },
      signature: rows[2]?.signature,
    };
    await expect(by(world, "stranger").anchorMany([...rows.slice(0, 2), bad])).to.be.revertedWithCustomError(
      registry,
      "KycRegistrySignatureInvalid",
    );
    const [first] = rows.map(({ anchor }) => anchor.account) as [string];
    expect((await registry.recordOf(first)).sequence).to.equal(0n);
    await by(world, "stranger").anchorMany(rows);
    const revocations = [
      { account: first, sequence: 1n },
      { account: world.people.lender.address, sequence: 0n },
    ];
    await expect(by(world, "kycIssuer").revokeMany(revocations)).to.be.revertedWithCustomError(
      registry,
      "KycRegistryNothingToRevoke",
    );
    expect((await registry.recordOf(first)).revoked).to.equal(false);
  });

  it("is not spoilt by somebody who brings one of its statements first", async () => {
    const world = await load(twoIssuers);
    const rows = await many(world, 3);
    const [, second] = rows as [(typeof rows)[0], (typeof rows)[0]];
    await by(world, "lender").anchor(second.anchor, second.signature);
    const receipt = await (await by(world, "stranger").anchorMany(rows)).wait();
    expect(receipt?.logs.length).to.equal(2);
    for (const { anchor } of rows) {
      expect(await world.registry.isEligible(anchor.account, POLICY)).to.equal(true);
    }
  });

  it("may hold several statements about one account, in order", async () => {
    const world = await load(twoIssuers);
    const anchors = [await statement(world), await statement(world, { sequence: 2n, policy: 8n })];
    const rows = await Promise.all(
      anchors.map(async (anchor) => ({ anchor, signature: await sign(world, anchor) })),
    );
    await expect(by(world, "stranger").anchorMany([...rows].reverse())).to.be.revertedWithCustomError(
      world.registry,
      "KycRegistrySequenceNotNew",
    );
    await by(world, "stranger").anchorMany(rows);
    expect(await eligible(world, 8n)).to.equal(true);
  });
});

describe("The registry's rights", () => {
  it("are held by persons in their own name: nothing goes through the manager", async () => {
    const world = await load(twoIssuers);
    const { registry, manager, people } = world;
    const { address } = people.borrower;
    const target = await registry.getAddress();
    await cleared(world);
    for (const [person, name, args] of [
      ["kycIssuer", "revoke", [address, 1n]],
      ["kycIssuer", "revokeMany", [[{ account: address, sequence: 1n }]]],
      ["compliance", "blockAccounts", [[address], EVIDENCE]],
      ["compliance", "delistIssuer", [people.kycIssuer.address]],
    ] as const) {
      const data = registry.interface.encodeFunctionData(name, args as unknown as unknown[]);
      await expect(as(people[person], manager).execute(target, data))
        .to.be.revertedWithCustomError(registry, "AccessManagedUnauthorized")
        .withArgs(await manager.getAddress());
    }
    expect(await eligible(world)).to.equal(true);
  });

  it("include reading, for everybody, closed or not", async () => {
    const world = await load(twoIssuers);
    const { registry, manager, people } = world;
    const anchor = await cleared(world);
    await govern(world, manager, "setTargetClosed", [await registry.getAddress(), true]);
    for (const caller of [...Object.values(people), await accountOf(world.pool)]) {
      const mine = as(caller, registry);
      expect(await mine.isEligible(people.borrower.address, POLICY)).to.equal(true);
      expect((await mine.recordOf(people.borrower.address)).commitment).to.equal(anchor.commitment);
    }
    await expect(by(world, "kycIssuer").revoke(people.borrower.address, 1n)).to.be.revertedWithCustomError(
      registry,
      "AccessManagedUnauthorized",
    );
  });
});
