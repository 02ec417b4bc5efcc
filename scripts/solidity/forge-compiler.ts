import { stdin, stdout } from "node:process";
import { text } from "node:stream/consumers";
import { compileJson, readCompilerVersion } from "./compiler.ts";

/** What forge takes for the compiler's program: it asks for the version, and hands over standard JSON. */
if (process.argv.includes("--version")) {
  stdout.write(
    `solc, the solidity compiler commandline interface\nVersion: ${await readCompilerVersion()}\n`,
  );
} else {
  stdout.write(await compileJson(await text(stdin)));
}
