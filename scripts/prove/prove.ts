import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { repositoryRoot } from "../../platform/config.ts";
import { AhadiError } from "../../platform/errors.ts";
import { log } from "../../platform/log.ts";
import { runCommand } from "../command.ts";
import { check, type Verdicts } from "./check.ts";
import { type Change, propertiesOf, readProof } from "./sources.ts";
import { twins } from "./twins.ts";

/**
 * Proves the properties in formal/ of the libraries' arithmetic, and plants a bug under each of them that it must refute.
 * What is proved, of what, and what is not: docs/security/proofs.md.
 */

const FOLDER = "formal";

export interface Property {
  /** "file of formal/.function". */
  name: string;
  twin: Change;
}

export interface Report {
  proved: number;
  refuted: number;
  /** Why, by property. */
  failed: string[];
}

/** Throws AhadiError `proof_invalid` when a property has no twin, or a twin no property. */
async function listProperties(): Promise<Property[]> {
  const files = (await readdir(join(repositoryRoot, FOLDER))).filter((name) => name.endsWith(".sol")).sort();
  const names: string[] = [];
  for (const file of files) {
    for (const property of await propertiesOf(join(FOLDER, file)))
      names.push(`${file.slice(0, -4)}.${property}`);
  }
  const stale = Object.keys(twins).find((name) => !names.includes(name));
  if (stale !== undefined)
    throw new AhadiError("proof_invalid", `there is no property ${stale} for its twin`);
  return names.map((name) => {
    const twin = twins[name];
    if (twin === undefined) throw new AhadiError("proof_invalid", `${name} has no twin with a planted bug`);
    return { name, twin };
  });
}

export async function prove(properties: readonly Property[]): Promise<Report> {
  const report: Report = { proved: 0, refuted: 0, failed: [] };
  for (const [index, { name, twin }] of properties.entries()) {
    const place = `${index + 1}/${properties.length} ${name}`;
    const unproved = await timed(`proved  ${place}`, async () => whyUnproved(await ask(name)));
    const unnoticed = await timed(`refuted ${place} with a bug`, async () =>
      whyUnnoticed(await ask(name, twin)),
    );
    if (unproved === undefined) report.proved++;
    if (unnoticed === undefined) report.refuted++;
    for (const reason of [unproved, unnoticed])
      if (reason !== undefined) report.failed.push(`${name}: ${reason}`);
  }
  return report;
}

/** Says how it went, and gives the reason why it did not. */
async function timed(label: string, work: () => Promise<string | undefined>): Promise<string | undefined> {
  const started = performance.now();
  const reason = await work();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  log.info(`${reason === undefined ? "" : "NOT "}${label} ${seconds} s`);
  return reason;
}

async function ask(name: string, change?: Change): Promise<Verdicts> {
  const [file = "", only = ""] = name.split(".");
  const proof = join(FOLDER, `${file}.sol`);
  const sources = await readProof(change === undefined ? { proof, only } : { proof, only, change });
  return check(proof, sources, { untilRefuted: change !== undefined });
}

function whyUnproved({ safe, refuted, unknown }: Verdicts): string | undefined {
  if (refuted.length > 0) return `there is an example against ${refuted.join(", ")}`;
  if (unknown.length > 0) return `z3 does not know of ${unknown.join(", ")}`;
  return safe === 0 ? "it asserts nothing" : undefined;
}

function whyUnnoticed({ refuted }: Verdicts): string | undefined {
  return refuted.length > 0 ? undefined : "it does not notice its planted bug";
}

function describe({ proved, refuted, failed }: Report): string {
  return [
    ...failed,
    `${proved} properties proved, ${refuted} planted bugs refuted, ${failed.length} failures`,
  ].join("\n");
}

if (import.meta.main) {
  const command = new Command("prove")
    .description("prove properties of the libraries' arithmetic, and refute them where a bug is planted")
    .option("--only <text>", "properties whose names contain this", "")
    .option("--json", "print {proved, refuted, failed} as JSON")
    .parse();
  const { only } = command.opts<{ only: string }>();
  await runCommand<Report>(
    command,
    async () => {
      const chosen = (await listProperties()).filter(({ name }) => name.includes(only));
      if (chosen.length === 0)
        throw new AhadiError("proof_invalid", `there is no property with ${only} in its name`);
      return prove(chosen);
    },
    { human: describe, exitCode: ({ failed }) => (failed.length === 0 ? 0 : 1) },
  );
}
