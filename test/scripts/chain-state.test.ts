import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { AhadiError } from "../../platform/errors.ts";
import {
  firstRunFinished,
  markFirstRun,
  markFirstRunBegun,
  standingChain,
} from "../../scripts/local/chain-state.ts";
import { temporaryFolder } from "../support/folder.ts";

describe("what a start finds of the embedded chain", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let dataDir: string;
  let state: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    dataDir = folder.path;
    state = join(dataDir, "chain", "state.json");
    await mkdir(join(dataDir, "chain"));
  });
  afterEach(() => folder.remove());

  async function lossOf(): Promise<void> {
    const error = await standingChain(dataDir).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(AhadiError).with.property("code", "chain_state_lost");
    expect(error).to.have.property("message").that.contains(state);
    expect(error).to.have.property("hint").that.contains("--fresh");
  }

  it("is nothing in a new folder", async () => {
    expect(await standingChain(dataDir)).to.equal("none");
  });

  it("is begun anew only when it says that its first run broke off", async () => {
    await writeFile(state, "{}");
    await markFirstRunBegun(dataDir);
    expect(await standingChain(dataDir)).to.equal("unfinished");
    expect(firstRunFinished(dataDir)).to.equal(false);
  });

  it("goes on when its mark is gone or torn: it may hold somebody's loans", async () => {
    await writeFile(state, "{}");
    expect(await standingChain(dataDir)).to.equal("resumable");
    await writeFile(join(dataDir, "first-run.json"), '{"fini');
    expect(await standingChain(dataDir)).to.equal("resumable");
  });

  it("goes on from the copy of the last start when its state was torn by a crash", async () => {
    await writeFile(state, '{"good":1}');
    await markFirstRun(dataDir);
    expect(await standingChain(dataDir)).to.equal("resumable");
    await writeFile(state, '{"good":2,"bl');
    expect(await standingChain(dataDir)).to.equal("resumable");
    expect(await readFile(state, "utf8")).to.equal('{"good":1}');
  });

  it("is never given up silently when its state is damaged or gone", async () => {
    await writeFile(state, '{"good":2,"bl');
    await lossOf();
    await markFirstRun(dataDir);
    await lossOf();
    await rm(join(dataDir, "chain"), { recursive: true });
    await lossOf();
  });
});
