import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { AhadiError } from "./errors.ts";

/** The folder of the checkout. */
export const repositoryRoot = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

export interface Config {
  /** HTTP address of the chain's node; undefined: the embedded chain. */
  rpcUrl: string | undefined;
  /** libpq URL; undefined: the embedded Postgres. */
  databaseUrl: string | undefined;
  /** Web and API. 0 takes any free port, here and below. */
  port: number;
  host: string;
  /** Port of the embedded chain. */
  chainPort: number;
  /** Port of the embedded Postgres. */
  postgresPort: number;
  /** Absolute folder of a local run's data. */
  dataDir: string;
  /** The chain that the person expects behind `rpcUrl`. */
  chainId: number | undefined;
  /** Folder with the deployment of the chain; undefined: the one that belongs to the chain id. */
  deploymentDir: string | undefined;
  /** Pause between two looks at the chain's head, in milliseconds. */
  pollMs: number;
}

export type Setting = keyof Config;
export type Flags = Partial<Record<string, string | boolean | undefined>>;

/** The name of each setting in the environment; its flag is the same words in kebab case. */
const ENVIRONMENT: Record<Setting, string> = {
  rpcUrl: "AHADI_RPC_URL",
  databaseUrl: "AHADI_DATABASE_URL",
  port: "AHADI_PORT",
  host: "AHADI_HOST",
  chainPort: "AHADI_CHAIN_PORT",
  postgresPort: "AHADI_POSTGRES_PORT",
  dataDir: "AHADI_DATA_DIR",
  chainId: "AHADI_CHAIN_ID",
  deploymentDir: "AHADI_DEPLOYMENT_DIR",
  pollMs: "AHADI_POLL_MS",
};

const integer = (least: number, most: number, kind: string) =>
  z
    .string()
    .regex(/^\d+$/, { error: `must be ${kind}` })
    .transform(Number)
    .refine((value) => value >= least && value <= most, { error: `must be ${kind}` });

const url = (protocols: string[], example: string) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `must be a URL like ${example}`,
  });

const port = (usual: string) => integer(0, 65_535, "a port from 0 to 65535").default(Number(usual));

const schema = z.object({
  rpcUrl: url(["http:", "https:"], "http://127.0.0.1:8545").optional(),
  databaseUrl: url(["postgres:", "postgresql:"], "postgres://user:password@127.0.0.1:5432/ahadi").optional(),
  port: port("3000"),
  host: z
    .string()
    .regex(/^[\w.:-]+$/, { error: "must be a host name or an address" })
    .default("127.0.0.1"),
  chainPort: port("8545"),
  postgresPort: port("54329"),
  dataDir: z.string().default(resolve(repositoryRoot, ".ahadi")),
  chainId: integer(1, Number.MAX_SAFE_INTEGER, "a positive whole number").optional(),
  deploymentDir: z.string().optional(),
  pollMs: integer(10, 60_000, "milliseconds from 10 to 60000").default(500),
});

/**
 * The settings, flags before environment before defaults. An empty value counts as not given.
 * `required` names settings that this command cannot do without.
 * Throws one AhadiError `config_invalid` that lists everything that is wrong or missing, by name.
 */
export function readConfig(input: {
  env: NodeJS.ProcessEnv;
  flags: Flags;
  required?: readonly Setting[];
}): Config {
  const given: Partial<Record<Setting, string>> = {};
  const problems: string[] = [];
  for (const [setting, variable] of entries(ENVIRONMENT)) {
    const value = textOf(input.flags[setting]) ?? textOf(input.env[variable]);
    if (value !== undefined) given[setting] = value;
    else if (input.required?.includes(setting)) problems.push(`${nameOf(setting)} is missing`);
  }

  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(`${nameOf(issue.path[0])} ${issue.message}`);
  } else {
    problems.push(...clashes(parsed.data));
  }
  if (!parsed.success || problems.length > 0) {
    const count = problems.length === 1 ? "a setting is wrong" : `${problems.length} settings are wrong`;
    throw new AhadiError("config_invalid", `${count}: ${problems.join("; ")}`);
  }
  const { rpcUrl, databaseUrl, chainId, deploymentDir } = parsed.data;
  return {
    ...parsed.data,
    rpcUrl,
    databaseUrl,
    chainId,
    dataDir: resolve(parsed.data.dataDir),
    deploymentDir: deploymentDir === undefined ? undefined : resolve(deploymentDir),
  };
}

/** Two of our own servers cannot listen on one port; an attached chain or database does not need its embedded port. */
function clashes(config: z.infer<typeof schema>): string[] {
  const used: [Setting, number][] = [["port", config.port]];
  if (config.rpcUrl === undefined) used.push(["chainPort", config.chainPort]);
  if (config.databaseUrl === undefined) used.push(["postgresPort", config.postgresPort]);
  return used.flatMap(([setting, value], index) =>
    used
      .slice(0, index)
      .filter(([, other]) => other === value && value !== 0)
      .map(([other]) => `${nameOf(setting)} must differ from ${nameOf(other)}`),
  );
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/** How people know a setting: `AHADI_CHAIN_PORT (--chain-port)`. */
export function nameOf(setting: PropertyKey | undefined): string {
  const key = String(setting);
  const variable = ENVIRONMENT[key as Setting] ?? key;
  return `${variable} (--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)})`;
}

function entries(record: Record<Setting, string>): [Setting, string][] {
  return Object.entries(record) as [Setting, string][];
}
