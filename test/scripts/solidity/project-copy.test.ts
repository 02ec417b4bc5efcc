import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { forForge, prepareForge } from "../../../scripts/solidity/forge.ts";
import { copyProject } from "../../../scripts/solidity/project-copy.ts";
import { temporaryFolder } from "../../support/folder.ts";

describe("a copy of the project for tools", () => {
  it("holds the sources without what was built, and loses what the checkout lost", async () => {
    const folder = await temporaryFolder();
    const copy = join(folder.path, "copy");
    await mkdir(join(copy, "artifacts"), { recursive: true });
    await mkdir(join(copy, "contracts"));
    await writeFile(join(copy, "artifacts", "built.json"), "{}");
    await writeFile(join(copy, "contracts", "Gone.sol"), "");
    await copyProject(copy);
    const entries = await readdir(copy);
    expect(entries).to.include.members(["contracts", "hardhat.config.ts", "node_modules", "test"]);
    expect(entries).not.to.include.members([".git"]);
    expect(await readdir(join(copy, "artifacts"))).to.deep.equal(["built.json"]);
    expect(await readdir(join(copy, "contracts")))
      .to.include("LoanBook.sol")
      .and.not.include("Gone.sol");
    await folder.remove();
  });

  it("gives forge its settings, and those of each test in its spelling", async () => {
    const folder = await temporaryFolder();
    const copy = join(folder.path, "copy");
    await copyProject(copy);
    await prepareForge(copy);
    expect(await readFile(join(copy, "foundry.toml"), "utf8")).to.contain('evm_version = "osaka"');
    expect(forForge("/// hardhat-config: default.invariant.failOnRevert = true\nuint256 aB;")).to.equal(
      "/// forge-config: default.invariant.fail_on_revert = true\nuint256 aB;",
    );
    await folder.remove();
  });
});
