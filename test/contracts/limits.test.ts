import { expect } from "chai";
import hre from "hardhat";
import { readArtifacts } from "../../chain/artifacts.ts";
import { goToDay, todayIn } from "./support/chain.ts";
import { draft, lend, originate, repay, rows } from "./support/loans.ts";
import { institution, load, UTC_OFFSET } from "./support/world.ts";

/** EIP-170 and EIP-3860: bytes of a contract's code and of the code that creates it. */
const MAX_CODE = 24_576;
const MAX_INIT_CODE = 49_152;

/** EIP-7825: gas that one transaction may use. */
const MAX_TRANSACTION_GAS = 2n ** 24n;

describe("The limits of the chain", () => {
  it("hold the code of every contract and library of a deployment", async () => {
    const artifacts = await readArtifacts();
    expect(artifacts.size).to.be.greaterThan(10);
    for (const [name, { deployedBytecode, bytecode }] of artifacts) {
      expect((deployedBytecode.length - 2) / 2, name).to.be.within(1, MAX_CODE);
      expect((bytecode.length - 2) / 2, name).to.be.within(1, MAX_INIT_CODE);
    }
  });

  it("are not lifted for the tests, and the compiler's settings are pinned", () => {
    for (const network of Object.values(hre.config.networks)) {
      if (network.type === "edr-simulated") expect(network.allowUnlimitedContractSize).to.not.equal(true);
    }
    for (const { compilers } of Object.values(hre.config.solidity.profiles)) {
      expect(compilers.map(({ version }) => version)).to.deep.equal(["0.8.37"]);
    }
    const settings = hre.config.solidity.profiles.default?.compilers[0]?.settings;
    expect(settings).to.deep.include({
      evmVersion: "osaka",
      optimizer: { enabled: true, runs: 200 },
      metadata: { bytecodeHash: "ipfs" },
    });
    expect(settings.viaIR).to.equal(undefined);
  });

  it("hold the longest loan, 366 daily instalments: its making, its last payment and its payoff", async () => {
    const world = await load(institution);
    const today = await todayIn(UTC_OFFSET);
    const days = Array.from({ length: 366 }, (_, index) => today + 11 + index);
    const agreement = await draft(world, { schedule: rows(days, 10_001n, 1_003n, 107n) });
    const receipts = [await (await originate(world, agreement)).wait()];
    const loanId = await world.book.loanIdOf(agreement);
    const schedule = (await world.book.scheduleOf(loanId)) as { day: bigint; principal: bigint }[];
    expect(schedule.map((row) => Number(row.day))).to.deep.equal(days);
    expect(schedule.every((row) => row.principal === 10_001n)).to.equal(true);
    await goToDay(agreement.lastDay + 40, UTC_OFFSET);
    const { transaction: partial } = await repay(world, loanId, agreement.totalRepayable - 1n);
    const { transaction: rest, closed } = await repay(world, loanId, 2n ** 40n);
    expect(closed).to.equal(true);
    const early = await lend(world, {
      schedule: rows(days.map((day) => day + 407)),
      disburseUntilDay: (await todayIn(UTC_OFFSET)) + 1,
    });
    const { transaction: payoff } = await repay(world, early.loanId, 2n ** 40n);
    receipts.push(await partial.wait(), await rest.wait(), await payoff.wait());
    for (const receipt of receipts) expect((receipt?.gasUsed ?? 0n) < MAX_TRANSACTION_GAS).to.equal(true);
  });
});
