import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../platform/config.ts";
import { ensureBuilt } from "../../scripts/build.ts";
import { scheduleDrawings } from "../../scripts/draw/schedules.ts";
import { generatedFiles } from "../../scripts/generate.ts";
import { contractSizes, MAX_CONTRACT_BYTES } from "../../scripts/solidity/snapshots.ts";

describe("generated files", () => {
  it("are what the contracts and the schedule engine give: `npm run generate` changes nothing", async () => {
    await ensureBuilt();
    for (const [path, content] of await generatedFiles()) {
      const committed = await readFile(join(repositoryRoot, path), "utf8").catch(() => "");
      expect(committed === content, `${path} is out of date`).to.equal(true);
    }
  });

  it("hold no contract that is too large to be deployed", async () => {
    await ensureBuilt();
    const sizes = await contractSizes();
    expect(sizes).to.include.keys("LoanBook", "LendingPool");
    for (const [name, bytes] of Object.entries(sizes)) expect(bytes, name).to.be.at.most(MAX_CONTRACT_BYTES);
  });

  it("hold drawings that are small and load nothing", () => {
    const drawings = [...scheduleDrawings()];
    expect(drawings.map(([path]) => path)).to.deep.equal([
      "docs/schedule-month-end.svg",
      "docs/schedule-weekly.svg",
    ]);
    for (const [path, content] of drawings) {
      expect(content.length, path).to.be.within(1_000, 30_000);
      expect(content.replace("http://www.w3.org/2000/svg", ""), path).to.not.match(
        /https?:|@import|<script|href/,
      );
    }
  });
});
