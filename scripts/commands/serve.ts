import type { Server } from "node:http";
import type { Command } from "commander";
import { type Config, nameOf, readConfig } from "../../platform/config.ts";
import { AhadiError } from "../../platform/errors.ts";
import { log } from "../../platform/log.ts";
import { runCommand } from "../command.ts";
import { aborted, stopRequests } from "../local/stopping.ts";

export function register(program: Command): void {
  program
    .command("serve")
    .description("serve API and pages from the database until stopped")
    .option("--database-url <url>", "the database with the mirror")
    .option("--port <port>", "port to listen on (3000)")
    .option("--host <host>", "address to listen on (127.0.0.1)")
    .action((options, command: Command) => runCommand(command, () => serve(options), { human: () => "" }));
}

/** How long requests that are under way may take after we were asked to stop. */
const DRAIN_MS = 5_000;

async function serve(flags: Record<string, string>): Promise<{ stopped: true }> {
  const signal = stopRequests();
  const config = readConfig({ env: process.env, flags, required: ["databaseUrl"] });
  const { databaseUrl = "" } = config;
  const [{ default: express }, { createApi }, { createPages }, { openPool }, { migrate }, rooms] =
    await Promise.all([
      import("express"),
      import("../../backend/app.ts"),
      import("../../web/pages/router.ts"),
      import("../../platform/database.ts"),
      import("../../platform/migrate.ts"),
      import("../local/rooms.ts"),
    ]);
  await migrate(databaseUrl, rooms.chainRoom);
  await migrate(databaseUrl, rooms.deskRoom);
  const pool = openPool(databaseUrl, { role: "ahadi_backend", applicationName: "ahadi serve" });
  try {
    const app = express().disable("x-powered-by");
    app.use(createApi({ pool }));
    const { server, url } = await listen(app, config);
    // The pages know the loans only through the API, as everybody does.
    app.use(createPages({ apiUrl: url }));
    log.info(`listening on ${url}`);
    await aborted(signal);
    await close(server);
  } finally {
    await pool.end();
  }
  return { stopped: true };
}

async function listen(
  app: { listen(port: number, host: string): Server },
  config: Config,
): Promise<{ server: Server; url: string }> {
  const server = app.listen(config.port, config.host);
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === "EADDRINUSE";
      const what = taken ? `port ${config.port} of ${nameOf("port")} is taken` : cause.message;
      reject(new AhadiError(taken ? "port_taken" : "listen_failed", what, { cause }));
    });
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : config.port;
  const { reachableHost } = await import("../local/plan.ts");
  return { server, url: `http://${reachableHost(config.host)}:${port}` };
}

/** No new connections; idle ones are closed, answers under way are finished, within limits. */
async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearTimeout(timer);
}
