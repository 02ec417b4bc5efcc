import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { openVerdicts } from "../../../scripts/mutate/verdicts.ts";
import { temporaryFolder } from "../../support/folder.ts";

describe("the verdicts on mutants", () => {
  it("outlive the run, even one that ended in the middle of a word", async () => {
    const folder = await temporaryFolder();
    const path = join(folder.path, "verdicts.jsonl");
    const first = await openVerdicts(path);
    expect(first.get("a")).to.equal(undefined);
    await first.add("a", { kind: "killed", by: "a test", file: "a.test.ts" });
    await first.add("b", { kind: "survived" });
    await appendFile(path, '{"id":"c","kind":"kil');

    const second = await openVerdicts(path);
    expect(second.get("a")).to.deep.equal({ kind: "killed", by: "a test", file: "a.test.ts" });
    expect(second.get("b")).to.deep.equal({ kind: "survived" });
    expect(second.get("c")).to.equal(undefined);
    await second.add("c", { kind: "equivalent" });
    expect((await openVerdicts(path)).get("c")).to.deep.equal({ kind: "equivalent" });
    await folder.remove();
  });
});
