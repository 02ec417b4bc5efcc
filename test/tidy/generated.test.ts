import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../platform/config.ts";
import { ensureBuilt } from "../../scripts/build.ts";
import { generatedFiles } from "../../scripts/generate.ts";

describe("generated files", () => {
  it("are what the contracts give: `npm run generate` changes nothing", async () => {
    await ensureBuilt();
    for (const [path, content] of await generatedFiles()) {
      const committed = await readFile(join(repositoryRoot, path), "utf8").catch(() => "");
      expect(committed === content, `${path} is out of date`).to.equal(true);
    }
  });
});
