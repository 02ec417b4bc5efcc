import { readdir } from "node:fs/promises";
import { Command, CommanderError } from "commander";
import { AhadiError } from "../platform/errors.ts";
import { printError } from "./command.ts";

/** Every file in commands/ gives one command of the same name: `register(program)`. */
interface CommandModule {
  register(program: Command): void;
}

const commandsFolder = new URL("./commands/", import.meta.url);

/** Loads only the command that was asked for; the help needs them all. */
async function registerCommands(program: Command, asked: string | undefined): Promise<void> {
  const files = (await readdir(commandsFolder)).filter((file) => file.endsWith(".ts")).sort();
  const wanted = files.filter((file) => file === `${asked}.ts`);
  for (const file of wanted.length > 0 ? wanted : files) {
    const module: CommandModule = await import(new URL(file, commandsFolder).href);
    module.register(program);
  }
}

function addJsonOption(command: Command): void {
  const leaf = command.commands.length === 0;
  if (leaf && !command.options.some(({ long }) => long === "--json")) {
    command.option("--json", "print JSON alone on standard output");
  }
  for (const sub of command.commands) addJsonOption(sub);
}

async function main(argv: string[]): Promise<void> {
  const json = argv.includes("--json");
  const program = new Command("ahadi")
    .description("Microloans that keep their word: a local run, deployment, loans, and checks of the mirror.")
    .showHelpAfterError(false)
    .exitOverride();
  if (json) program.configureOutput({ writeErr: () => {} });
  await registerCommands(
    program,
    argv.find((word) => !word.startsWith("-")),
  );
  addJsonOption(program);
  if (argv.every((word) => word === "--json") && json) {
    const names = program.commands.map((command) => command.name()).join(", ");
    throw new AhadiError("usage", "a command is missing", { hint: `one of ${names}` });
  }
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode;
    // Commander has already written its own line for people.
    if (json && error.exitCode !== 0) {
      printError(new AhadiError("usage", error.message.replace(/^error: /, "")), true);
    }
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  printError(error, process.argv.includes("--json"));
  process.exitCode = 1;
}
