import { spawnSync } from "node:child_process";
import { expect } from "chai";

const module = new URL("../../platform/log.ts", import.meta.url).href;

function run(code: string, env: NodeJS.ProcessEnv = {}): { stdout: string; stderr: string } {
  const source = `import { log, progress } from ${JSON.stringify(module)}; ${code}`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", source], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return { stdout, stderr };
}

describe("the log", () => {
  it("never writes to standard output", () => {
    const { stdout, stderr } = run(`log.info("a"); log.warn("b"); log.error("c");`);
    expect(stdout).to.equal("");
    expect(stderr).to.equal("a\nwarning: b\nerror: c\n");
  });

  it("carries the time in a file", () => {
    expect(run(`log.info("a")`, { AHADI_LOG_TIME: "1" }).stderr).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z a\n$/);
  });

  it("shows progress as few plain lines where there is no terminal", () => {
    const { stderr } = run(`
      const bar = progress("blocks", 1000);
      for (let done = 0; done <= 1000; done++) bar.update(done);
      bar.end();
    `);
    expect(stderr).to.equal("blocks 100 % 1000/1000\n");
  });
});
