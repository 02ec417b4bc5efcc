import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { argv, exit, stdout } from "node:process";

/**
 * z3 as a program: `node z3-program.ts <file.smt2> <name=value>...` prints the answer. It stands alone because the solver
 * answers later and the compiler waits for nobody, and because only a process can be ended when a query hangs.
 */

/** What is used here of the solver's package, which is CommonJS. */
interface Z3 {
  global_param_set(name: string, value: string): void;
  mk_config(): unknown;
  mk_context(config: unknown): unknown;
  eval_smtlib2_string(context: unknown, query: string): Promise<string>;
}

const { init } = createRequire(import.meta.url)("z3-solver") as { init: () => Promise<{ Z3: Z3 }> };
const [, , file = "", ...settings] = argv;
const { Z3 } = await init();
for (const setting of settings) {
  const [name = "", value = ""] = setting.split("=");
  Z3.global_param_set(name, value);
}
const answer = await Z3.eval_smtlib2_string(Z3.mk_context(Z3.mk_config()), readFileSync(file, "utf8"));
// Its threads would keep the process.
stdout.write(answer, () => exit(0));
