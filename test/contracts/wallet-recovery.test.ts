import { expect } from "chai";
import { ZeroAddress, ZeroHash } from "ethers";
import type { accessManagerAbi, walletRecoveryAbi } from "../../chain/abi.ts";
import { roles } from "../../scripts/deploy/module.ts";
import {
  accountOf,
  as,
  type Bound,
  deploy,
  deployHelper,
  ethers,
  networkHelpers,
  type Signer,
} from "./support/chain.ts";

const { time } = networkHelpers;

const DELAY_S = 3 * 86_400;
const WINDOW_S = 14 * 86_400;
const NO_LOAN_PERIOD_S = 7 * 86_400;
const EVIDENCE = `0x${"e1".repeat(32)}`;
const OTHER_EVIDENCE = `0x${"e2".repeat(32)}`;

/** A maker may request, a checker may approve, and one person has both rights. */
const CAST = ["maker", "checker", "both", "account", "successor", "rival", "stranger"] as const;

type Person = (typeof CAST)[number];

interface World {
  people: Record<Person, Signer>;
  manager: Bound<typeof accessManagerAbi>;
  recovery: Bound<typeof walletRecoveryAbi>;
}

/** Fixture: the KYC issuer's role requests, the supervisor's approves. */
async function institution(): Promise<World> {
  const [deployer, ...signers] = await ethers.getSigners();
  const people = Object.fromEntries(CAST.map((person, index) => [person, signers[index]])) as World["people"];
  const manager = await deploy<typeof accessManagerAbi>("AccessManager", [deployer?.address]);
  const recovery = await deploy<typeof walletRecoveryAbi>("WalletRecovery", [await manager.getAddress()]);
  const address = await recovery.getAddress();
  for (const [name, role, persons] of [
    ["requestRecovery", roles.kycIssuer, [people.maker, people.both]],
    ["approveRecovery", roles.supervisor, [people.checker, people.both]],
  ] as const) {
    await manager.setTargetFunctionRole(address, [recovery.getFunction(name).fragment.selector], role);
    for (const person of persons) await manager.grantRole(role, person.address, 0);
  }
  return { people, manager, recovery };
}

function load(): Promise<World> {
  return networkHelpers.loadFixture(institution);
}

function by({ people, recovery }: World, person: Person) {
  return as(people[person], recovery);
}

interface Move {
  from?: Signer;
  to?: Signer;
  evidence?: string;
}

function members({ people }: World, { from, to, evidence = EVIDENCE }: Move): [string, string, string] {
  return [(from ?? people.account).address, (to ?? people.successor).address, evidence];
}

async function request(world: World, move: Move = {}, person: Person = "both") {
  return await by(world, person).requestRecovery(...members(world, move));
}

async function approve(world: World, move: Move = {}, person: Person = "checker") {
  return await by(world, person).approveRecovery(...members(world, move));
}

/** Two people agree; returns the first second of the window and the first one after it. */
async function agree(world: World, move: Move = {}): Promise<{ from: number; until: number }> {
  await request(world, move);
  await approve(world, move);
  const from = (await time.latest()) + DELAY_S;
  return { from, until: from + WINDOW_S };
}

/** The whole way; returns the second of the takeover. */
async function move(world: World, from: Signer, to: Signer): Promise<number> {
  await agree(world, { from, to });
  await time.increase(DELAY_S);
  await as(to, world.recovery).acceptRecovery(from.address);
  return await time.latest();
}

/** The second of the next block. */
async function at(second: number): Promise<void> {
  await time.setNextBlockTimestamp(second);
}

function addresses({ people }: World, ...persons: Person[]): string[] {
  return persons.map((person) => people[person].address);
}

/** What each state of `account` answers to each call of each person, in the second that the state names. */
const GRID = `
             request                 approve                 veto              accept
             maker   both    others  both    checker others  account others    successor rival  others
nothing      ok      ok      Right   Ask     Ask     Right   Ask     Ask       Yes     Yes      Yes
requested    ok      ok      Right   Self    ok      Right   ok      Ask       Yes     Yes      Yes
replaced     ok      ok      Right   ok      ok      Right   ok      Ask       Yes     Yes      Yes
approved     ok      ok      Right   Ask     Ask     Right   ok      Ask       Early   Other    Other
lastEarly    ok      ok      Right   Ask     Ask     Right   ok      Ask       Early   Other    Other
first        ok      ok      Right   Ask     Ask     Right   ok      Ask       ok      Other    Other
last         ok      ok      Right   Ask     Ask     Right   ok      Ask       ok      Other    Other
expired      ok      ok      Right   Ask     Ask     Right   ok      Ask       Late    Other    Other
challenged   ok      ok      Right   Self    ok      Right   ok      Ask       ok      Other    Other
superseded   ok      ok      Right   Ask     Ask     Right   ok      Ask       Other   Early    Other
vetoed       ok      ok      Right   Ask     Ask     Right   Ask     Ask       Yes     Yes      Yes
moved        Moved   Moved   Right   Ask     Ask     Right   Ask     Ask       Yes     Yes      Yes
`;

const ANSWERS: Record<string, string> = {
  Right: "AccessManagedUnauthorized",
  Ask: "WalletRecoveryNotRequested",
  Self: "WalletRecoveryMakerIsChecker",
  Yes: "WalletRecoveryNotApproved",
  Early: "WalletRecoveryTooEarly",
  Late: "WalletRecoveryTooLate",
  Other: "WalletRecoveryNotSuccessor",
  Moved: "WalletRecoveryMoved",
};

/** What waits for its second person in a state, if it is not the successor's request. */
const ASKED: Record<string, (world: World) => Move> = {
  challenged: ({ people }) => ({ to: people.rival, evidence: OTHER_EVIDENCE }),
};

/** Brings `account` into a state and sets the second of the next block. */
const STATES: Record<string, (world: World) => Promise<unknown>> = {
  nothing: async () => undefined,
  requested: (world) => request(world),
  replaced: async (world) => {
    await request(world, { to: world.people.rival }, "both");
    await request(world, {}, "maker");
  },
  approved: (world) => agree(world),
  lastEarly: async (world) => at((await agree(world)).from - 1),
  first: async (world) => at((await agree(world)).from),
  last: async (world) => at((await agree(world)).until - 1),
  expired: async (world) => at((await agree(world)).until),
  challenged: async (world) => {
    const { from } = await agree(world);
    await request(world, { to: world.people.rival, evidence: OTHER_EVIDENCE });
    await at(from);
  },
  superseded: async (world) => {
    await agree(world);
    await time.increase(DELAY_S - 1);
    await agree(world, { to: world.people.rival });
  },
  vetoed: async (world) => {
    await agree(world);
    await request(world);
    await by(world, "account").vetoRecovery();
  },
  moved: (world) => move(world, world.people.account, world.people.successor),
};

const CALLS = {
  request: (world: World, person: Person) => request(world, { to: world.people.rival }, person),
  approve: (world: World, person: Person, asked: Move) => approve(world, asked, person),
  veto: (world: World, person: Person) => by(world, person).vetoRecovery(),
  accept: (world: World, person: Person) => by(world, person).acceptRecovery(world.people.account.address),
};

type Call = keyof typeof CALLS;

/** The columns of the grid in their order. */
const COLUMNS: [Call, Person[]][] = [
  ["request", ["maker"]],
  ["request", ["both"]],
  ["request", ["checker", "account", "successor", "rival", "stranger"]],
  ["approve", ["both"]],
  ["approve", ["checker"]],
  ["approve", ["maker", "account", "successor", "rival", "stranger"]],
  ["veto", ["account"]],
  ["veto", ["maker", "checker", "both", "successor", "rival", "stranger"]],
  ["accept", ["successor"]],
  ["accept", ["rival"]],
  ["accept", ["maker", "checker", "both", "account", "stranger"]],
];

describe("Each state of an account", () => {
  const rows = GRID.trim()
    .split("\n")
    .slice(2)
    .map((line) => line.trim().split(/\s+/));

  it("stands in the grid, with every person in every kind of call", () => {
    expect(rows.map(([state]) => state)).to.deep.equal(Object.keys(STATES));
    for (const call of Object.keys(CALLS)) {
      const persons = COLUMNS.filter(([name]) => name === call).flatMap(([, found]) => found);
      expect(persons.sort(), call).to.deep.equal([...CAST].sort());
    }
  });

  for (const [state = "", ...answers] of rows) {
    it(`${state}: gives each caller the grid's answer`, async () => {
      expect(answers.length).to.equal(COLUMNS.length);
      for (const [column, [call, persons]] of COLUMNS.entries()) {
        for (const person of persons) {
          const world = await load();
          await STATES[state]?.(world);
          const attempt = CALLS[call](world, person, ASKED[state]?.(world) ?? {});
          const answer = answers[column] ?? "";
          const name = `${call} by ${person}`;
          if (answer === "ok") await attempt;
          else await refused(world, attempt, ANSWERS[answer] ?? answer, name);
        }
      }
    });
  }
});

async function refused(world: World, attempt: Promise<unknown>, error: string, name: string): Promise<void> {
  await expect(attempt, name).to.be.revertedWithCustomError(world.recovery, error);
}

describe("Requesting a recovery", () => {
  it("is refused for zeros and for an account that would move to itself", async () => {
    const world = await load();
    const { recovery } = world;
    const [account, successor] = addresses(world, "account", "successor") as [string, string];
    for (const [args, error, errorArgs] of [
      [[ZeroAddress, successor, EVIDENCE], "WalletRecoveryAddressZero", []],
      [[account, ZeroAddress, EVIDENCE], "WalletRecoveryAddressZero", []],
      [[account, successor, ZeroHash], "WalletRecoveryEvidenceZero", []],
      [[account, account, EVIDENCE], "WalletRecoverySameAddress", [account]],
    ] as const) {
      await expect(by(world, "maker").requestRecovery(...args))
        .to.be.revertedWithCustomError(recovery, error)
        .withArgs(...errorArgs);
    }
  });

  it("is refused for an address that has moved, as account and as successor", async () => {
    const world = await load();
    const { recovery, people } = world;
    await move(world, people.account, people.successor);
    for (const refusal of [{ to: people.rival }, { from: people.rival, to: people.account }]) {
      await expect(request(world, refusal))
        .to.be.revertedWithCustomError(recovery, "WalletRecoveryMoved")
        .withArgs(...addresses(world, "account", "successor"));
    }
  });

  it("is refused for a successor that has taken over from somebody, also after the days without loans", async () => {
    const world = await load();
    const { recovery, people } = world;
    await move(world, people.account, people.successor);
    for (let i = 0; i < 2; i += 1) {
      await expect(request(world, { from: people.rival, to: people.successor }))
        .to.be.revertedWithCustomError(recovery, "WalletRecoverySuccessorTaken")
        .withArgs(people.successor.address);
      await time.increase(NO_LOAN_PERIOD_S);
    }
  });

  it("is refused in the manager's name, and so is approving", async () => {
    const world = await load();
    const { recovery, manager, people } = world;
    await request(world);
    const target = await recovery.getAddress();
    const calls = { requestRecovery: people.both, approveRecovery: people.checker };
    for (const [name, person] of Object.entries(calls)) {
      const data = recovery.interface.encodeFunctionData(name, members(world, {}));
      await expect(as(person, manager).execute(target, data), name)
        .to.be.revertedWithCustomError(recovery, "AccessManagedUnauthorized")
        .withArgs(await manager.getAddress());
    }
  });

  it("is told and kept until somebody asks for something else", async () => {
    const world = await load();
    const { recovery, people } = world;
    const [account, successor, rival] = addresses(world, "account", "successor", "rival");
    await expect(request(world, {}, "maker"))
      .to.emit(recovery, "RecoveryRequested")
      .withArgs(account, successor, people.maker.address, EVIDENCE);
    expect([...(await recovery.requestOf(account))]).to.deep.equal([
      successor,
      people.maker.address,
      EVIDENCE,
    ]);
    await request(world, { to: people.rival, evidence: OTHER_EVIDENCE });
    expect([...(await recovery.requestOf(account))]).to.deep.equal([
      rival,
      people.both.address,
      OTHER_EVIDENCE,
    ]);
    expect(await recovery.currentOf(account)).to.equal(account);
  });
});

describe("Approving a recovery", () => {
  it("is refused to the person who asked, whatever roles she holds", async () => {
    const world = await load();
    await request(world, {}, "both");
    await expect(approve(world, {}, "both"))
      .to.be.revertedWithCustomError(world.recovery, "WalletRecoveryMakerIsChecker")
      .withArgs(...addresses(world, "account", "both"));
  });

  it("is refused for anything else than what was asked last", async () => {
    const world = await load();
    const { recovery, people } = world;
    const asked = { to: people.rival, evidence: OTHER_EVIDENCE };
    await request(world);
    await request(world, asked);
    for (const [other, account] of [
      [{}, people.account],
      [{ ...asked, evidence: EVIDENCE }, people.account],
      [{ ...asked, evidence: ZeroHash }, people.account],
      [{ ...asked, to: people.successor }, people.account],
      [{ ...asked, from: people.stranger }, people.stranger],
    ] as const) {
      await expect(approve(world, other))
        .to.be.revertedWithCustomError(recovery, "WalletRecoveryNotRequested")
        .withArgs(account.address);
    }
    const nothing = as(people.checker, recovery).approveRecovery(ZeroAddress, ZeroAddress, ZeroHash);
    await expect(nothing).to.be.revertedWithCustomError(recovery, "WalletRecoveryNotRequested");
    await approve(world, asked);
  });

  it("is refused when the successor has moved or taken over since it was asked", async () => {
    for (const [from, to, error, args] of [
      ["successor", "rival", "WalletRecoveryMoved", ["successor", "rival"]],
      ["stranger", "successor", "WalletRecoverySuccessorTaken", ["successor"]],
    ] as const) {
      const world = await load();
      await request(world);
      await move(world, world.people[from], world.people[to]);
      await expect(approve(world))
        .to.be.revertedWithCustomError(world.recovery, error)
        .withArgs(...addresses(world, ...args));
    }
  });

  it("starts the delay, is told and kept, and uses the request up", async () => {
    const world = await load();
    const { recovery, people } = world;
    const [account, successor] = addresses(world, "account", "successor");
    await request(world, {}, "maker");
    const second = (await time.latest()) + 100;
    await at(second);
    const [from, until] = [second + DELAY_S, second + DELAY_S + WINDOW_S];
    await expect(approve(world))
      .to.emit(recovery, "RecoveryApproved")
      .withArgs(account, successor, people.checker.address, from, until);
    expect([...(await recovery.approvalOf(account))]).to.deep.equal([
      ...addresses(world, "successor", "maker", "checker"),
      ...[BigInt(from), BigInt(until)],
    ]);
    expect([...(await recovery.requestOf(account))]).to.deep.equal([ZeroAddress, ZeroAddress, ZeroHash]);
    await expect(approve(world, {}, "both")).to.be.revertedWithCustomError(
      recovery,
      "WalletRecoveryNotRequested",
    );
  });

  it("stands against whatever one person asks afterwards", async () => {
    const world = await load();
    const { recovery, people } = world;
    const { from } = await agree(world);
    const before = await recovery.approvalOf(people.account.address);
    for (const to of [people.rival, people.successor, people.stranger]) {
      await request(world, { to });
      await expect(approve(world, { to }, "both")).to.be.revertedWithCustomError(
        recovery,
        "WalletRecoveryMakerIsChecker",
      );
      expect(await recovery.approvalOf(people.account.address)).to.deep.equal(before);
    }
    await at(from);
    await by(world, "successor").acceptRecovery(people.account.address);
    expect(await recovery.currentOf(people.account.address)).to.equal(people.successor.address);
    expect((await recovery.requestOf(people.account.address))[0]).to.equal(ZeroAddress);
  });

  it("gives way to what two people agree on later, with a delay of its own", async () => {
    const world = await load();
    const { recovery, people } = world;
    await agree(world);
    await time.increase(DELAY_S);
    const { from } = await agree(world, { to: people.rival });
    await at(from - 1);
    await expect(by(world, "successor").acceptRecovery(people.account.address))
      .to.be.revertedWithCustomError(recovery, "WalletRecoveryNotSuccessor")
      .withArgs(...addresses(world, "account", "successor"));
    await at(from);
    await by(world, "rival").acceptRecovery(people.account.address);
    expect(await recovery.currentOf(people.account.address)).to.equal(people.rival.address);
  });

  it("after the window is nothing: it takes two people again", async () => {
    const world = await load();
    const { until } = await agree(world);
    await at(until);
    const { from } = await agree(world);
    await at(from);
    await by(world, "successor").acceptRecovery(world.people.account.address);
  });
});

describe("The old key's veto", () => {
  it("ends a request, whoever asked, and what two people agreed on", async () => {
    const world = await load();
    const { recovery, people } = world;
    await agree(world);
    await request(world, { to: people.rival });
    await expect(by(world, "account").vetoRecovery())
      .to.emit(recovery, "RecoveryVetoed")
      .withArgs(...addresses(world, "account", "successor"))
      .and.to.emit(recovery, "RecoveryVetoed")
      .withArgs(...addresses(world, "account", "rival"));
    const zeros = [ZeroAddress, ZeroAddress];
    expect([...(await recovery.requestOf(people.account.address))]).to.deep.equal([...zeros, ZeroHash]);
    const approval = [...(await recovery.approvalOf(people.account.address))];
    expect(approval).to.deep.equal([...zeros, ZeroAddress, 0n, 0n]);
  });

  it("tells of a request or of an approval alone when there is no other", async () => {
    for (const begin of [request, agree]) {
      const world = await load();
      await begin(world);
      const transaction = await by(world, "account").vetoRecovery();
      expect((await transaction.wait())?.logs.length).to.equal(1);
      await expect(transaction)
        .to.emit(world.recovery, "RecoveryVetoed")
        .withArgs(...addresses(world, "account", "successor"));
    }
  });

  it("counts at every moment until the successor has accepted (INV-84)", async () => {
    for (const [base, shift] of [
      ["from", -DELAY_S + 1],
      ["from", -1],
      ["from", 0],
      ["until", -1],
      ["until", 0],
      ["until", 365 * 86_400],
    ] as const) {
      const world = await load();
      const { recovery, people } = world;
      const times = await agree(world);
      await at(times[base] + shift);
      await by(world, "account").vetoRecovery();
      if ((await time.latest()) < times.from) await time.increaseTo(times.from);
      await expect(by(world, "successor").acceptRecovery(people.account.address))
        .to.be.revertedWithCustomError(recovery, "WalletRecoveryNotApproved")
        .withArgs(people.account.address);
      expect(await recovery.currentOf(people.account.address)).to.equal(people.account.address);
    }
  });

  it("comes too late after the acceptance", async () => {
    const world = await load();
    await move(world, world.people.account, world.people.successor);
    await expect(by(world, "account").vetoRecovery())
      .to.be.revertedWithCustomError(world.recovery, "WalletRecoveryNotRequested")
      .withArgs(world.people.account.address);
  });

  it("touches the caller's own recovery alone", async () => {
    const world = await load();
    const { recovery, people } = world;
    await agree(world);
    await agree(world, { from: people.rival, to: people.stranger });
    await by(world, "rival").vetoRecovery();
    expect((await recovery.approvalOf(people.account.address))[0]).to.equal(people.successor.address);
  });

  it("leaves nothing behind: the same request takes two people and the whole delay again", async () => {
    const world = await load();
    const { recovery, people } = world;
    await agree(world);
    await by(world, "account").vetoRecovery();
    await request(world);
    await expect(by(world, "successor").acceptRecovery(people.account.address)).to.be.revertedWithCustomError(
      recovery,
      "WalletRecoveryNotApproved",
    );
    await approve(world);
    const from = (await time.latest()) + DELAY_S;
    await at(from - 1);
    await expect(by(world, "successor").acceptRecovery(people.account.address)).to.be.revertedWithCustomError(
      recovery,
      "WalletRecoveryTooEarly",
    );
    await at(from);
    await by(world, "successor").acceptRecovery(people.account.address);
  });
});

describe("Accepting a recovery", () => {
  it("is possible from the first second after the delay to the last one of the window", async () => {
    const outcomes: ["from" | "until", number, string | undefined][] = [
      ["from", -1, "WalletRecoveryTooEarly"],
      ["from", 0, undefined],
      ["until", -1, undefined],
      ["until", 0, "WalletRecoveryTooLate"],
    ];
    for (const [edge, shift, error] of outcomes) {
      const world = await load();
      const times = await agree(world);
      const { account } = world.people;
      await at(times[edge] + shift);
      const attempt = by(world, "successor").acceptRecovery(account.address);
      if (error === undefined) await attempt;
      else {
        await expect(attempt)
          .to.be.revertedWithCustomError(world.recovery, error)
          .withArgs(account.address, times[edge], times[edge] + shift);
      }
    }
  });

  it("moves the account, tells it, and is done once", async () => {
    const world = await load();
    const { recovery, people } = world;
    const [account, successor] = addresses(world, "account", "successor");
    const { from } = await agree(world);
    await at(from + 5);
    await expect(by(world, "successor").acceptRecovery(account))
      .to.emit(recovery, "AccountMoved")
      .withArgs(account, successor, from + 5 + NO_LOAN_PERIOD_S);
    expect(await recovery.currentOf(account)).to.equal(successor);
    expect(await recovery.currentOf(successor)).to.equal(successor);
    expect((await recovery.approvalOf(account))[0]).to.equal(ZeroAddress);
    await expect(as(people.successor, recovery).acceptRecovery(account)).to.be.revertedWithCustomError(
      recovery,
      "WalletRecoveryNotApproved",
    );
  });

  it("works while governance has closed the contract, as the veto does", async () => {
    const world = await load();
    const { recovery, manager, people } = world;
    await agree(world);
    await agree(world, { from: people.rival, to: people.stranger });
    await manager.setTargetClosed(await recovery.getAddress(), true);
    await by(world, "rival").vetoRecovery();
    await time.increase(DELAY_S);
    await by(world, "successor").acceptRecovery(people.account.address);
    await expect(request(world, { from: people.rival, to: people.stranger })).to.be.revertedWithCustomError(
      recovery,
      "AccessManagedUnauthorized",
    );
  });

  it("is done by a contract wallet's own call, as the veto is", async () => {
    const world = await load();
    const { recovery, people } = world;
    const wallet = await deployHelper<"execute">("ContractWallet", [people.stranger.address]);
    const itself = await accountOf(wallet);
    const accept = recovery.interface.encodeFunctionData("acceptRecovery", [people.account.address]);
    const veto = recovery.interface.encodeFunctionData("vetoRecovery");
    await agree(world, { to: itself });
    await time.increase(DELAY_S);
    await as(people.stranger, wallet).execute(await recovery.getAddress(), accept);
    expect(await recovery.currentOf(people.account.address)).to.equal(itself.address);
    await agree(world, { from: itself, to: people.rival });
    await expect(as(people.stranger, wallet).execute(await recovery.getAddress(), veto))
      .to.emit(recovery, "RecoveryVetoed")
      .withArgs(itself.address, people.rival.address);
  });
});

describe("The moves of addresses", () => {
  it("are followed to their end, and go on from there alone", async () => {
    const world = await load();
    const { recovery, people } = world;
    const line = [people.account, people.successor, people.rival, people.stranger];
    for (const [index, to] of line.entries()) {
      const from = line[index - 1];
      if (from === undefined) continue;
      await move(world, from, to);
      for (const earlier of line.slice(0, index + 1)) {
        expect(await recovery.currentOf(earlier.address)).to.equal(to.address);
      }
      await expect(request(world, { from, to: people.maker })).to.be.revertedWithCustomError(
        recovery,
        "WalletRecoveryMoved",
      );
    }
  });

  it("cost whoever asks the same, however long the line is and wherever on it she asks", async () => {
    const world = await load();
    const { recovery, people } = world;
    const line = [people.account, people.successor, people.rival, people.stranger, people.maker];
    await move(world, people.account, people.successor);
    const costs = () => Promise.all(line.slice(1).map((on) => recovery.currentOf.estimateGas(on.address)));
    const [short] = await costs();
    for (let index = 1; index < line.length - 1; index += 1) {
      await move(world, line[index] as Signer, line[index + 1] as Signer);
    }
    // The calldata of two addresses may differ by a zero byte or two, and one step of a walk costs over 2,000.
    for (const cost of await costs()) expect(Number(cost)).to.be.closeTo(Number(short), 100);
  });

  it("leave the first address of a line where it was, and an address that never took over its own", async () => {
    const world = await load();
    const { recovery, people } = world;
    const line = [people.account, people.successor, people.rival];
    await agree(world);
    for (const account of line) expect(await recovery.originOf(account.address)).to.equal(account.address);
    await move(world, people.account, people.successor);
    expect(await recovery.originOf(people.rival.address)).to.equal(people.rival.address);
    await move(world, people.successor, people.rival);
    for (const account of line) expect(await recovery.originOf(account.address)).to.equal(line[0]?.address);
  });

  it("name the end of the line to whoever asks for another move of an address on it", async () => {
    const world = await load();
    const { recovery, people } = world;
    await move(world, people.account, people.successor);
    await move(world, people.successor, people.rival);
    await expect(request(world, { to: people.stranger }))
      .to.be.revertedWithCustomError(recovery, "WalletRecoveryMoved")
      .withArgs(...addresses(world, "account", "rival"));
  });

  it("never make one borrower of two, though both recoveries were approved", async () => {
    const world = await load();
    const { recovery, people } = world;
    await agree(world);
    await agree(world, { from: people.rival });
    await time.increase(DELAY_S);
    await by(world, "successor").acceptRecovery(people.account.address);
    await expect(by(world, "successor").acceptRecovery(people.rival.address))
      .to.be.revertedWithCustomError(recovery, "WalletRecoverySuccessorTaken")
      .withArgs(people.successor.address);
    expect(await recovery.currentOf(people.rival.address)).to.equal(people.rival.address);
  });

  it("never close a ring of two, though both recoveries were approved", async () => {
    const world = await load();
    const { recovery, people } = world;
    await agree(world);
    await agree(world, { from: people.successor, to: people.account });
    await time.increase(DELAY_S);
    await by(world, "account").acceptRecovery(people.successor.address);
    await expect(by(world, "successor").acceptRecovery(people.account.address))
      .to.be.revertedWithCustomError(recovery, "WalletRecoveryMoved")
      .withArgs(...addresses(world, "successor", "account"));
    expect(await recovery.currentOf(people.successor.address)).to.equal(people.account.address);
  });

  it("never close a ring of three, though all recoveries were approved", async () => {
    const world = await load();
    const { recovery, people } = world;
    const ring = [people.account, people.successor, people.rival, people.account] as const;
    for (const index of [0, 1, 2] as const)
      await agree(world, { from: ring[index], to: ring[index + 1] as Signer });
    await time.increase(DELAY_S);
    await as(ring[1], recovery).acceptRecovery(ring[0].address);
    await as(ring[2], recovery).acceptRecovery(ring[1].address);
    await expect(as(ring[3], recovery).acceptRecovery(ring[2].address))
      .to.be.revertedWithCustomError(recovery, "WalletRecoveryMoved")
      .withArgs(ring[0].address, ring[2].address);
    expect(await recovery.currentOf(ring[0].address)).to.equal(ring[2].address);
  });
});

describe("Borrowing after a recovery", () => {
  it("is left to everybody before the takeover, whatever was asked and approved", async () => {
    const world = await load();
    const { recovery } = world;
    for (const begin of [request, agree]) {
      await begin(world);
      for (const account of addresses(world, "account", "successor", "stranger")) {
        expect(await recovery.mayBorrow(account)).to.equal(true);
      }
    }
  });

  it("begins for the successor in the second in which its days without loans end", async () => {
    const world = await load();
    const { recovery, people } = world;
    const movedAt = await move(world, people.account, people.successor);
    expect(await recovery.mayBorrow(people.successor.address)).to.equal(false);
    await time.increaseTo(movedAt + NO_LOAN_PERIOD_S - 1);
    expect(await recovery.mayBorrow(people.successor.address)).to.equal(false);
    await time.increaseTo(movedAt + NO_LOAN_PERIOD_S);
    expect(await recovery.mayBorrow(people.successor.address)).to.equal(true);
  });

  it("never begins again for an address that moved, nor for one that took over and moved on (INV-85)", async () => {
    const world = await load();
    const { recovery, people } = world;
    await move(world, people.account, people.successor);
    await move(world, people.successor, people.rival);
    await time.increase(10 * 365 * 86_400);
    const may = await Promise.all(
      addresses(world, "account", "successor", "rival").map((account) => recovery.mayBorrow(account)),
    );
    expect(may).to.deep.equal([false, false, true]);
  });

  it("is answered from one slot", async () => {
    const world = await load();
    const { recovery, people } = world;
    await move(world, people.account, people.successor);
    for (const account of addresses(world, "account", "successor", "stranger")) {
      const data = recovery.interface.encodeFunctionData("mayBorrow", [account]);
      const call = { to: await recovery.getAddress(), data };
      const trace = (await ethers.provider.send("debug_traceCall", [call, "latest"])) as {
        structLogs: { op: string }[];
      };
      expect(trace.structLogs.filter(({ op }) => op === "SLOAD").length).to.equal(1);
    }
  });
});

describe("The recovery's times", () => {
  it("are three days, fourteen and seven", async () => {
    const { recovery } = await load();
    const times = [await recovery.DELAY(), await recovery.WINDOW(), await recovery.NO_LOAN_PERIOD()];
    expect(times).to.deep.equal([DELAY_S, WINDOW_S, NO_LOAN_PERIOD_S].map(BigInt));
  });
});
