import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { nameOf, type Setting } from "../../platform/config.ts";
import { AhadiError } from "../../platform/errors.ts";

/**
 * From here free ports are taken: below the ranges (32768 on Linux, 49152 elsewhere) of which the system gives each
 * outgoing connection one. A port of those may be gone by the time that its listener has started.
 */
const FREE_PORTS = { from: 20_000, to: 32_000 };
const TRIES = 100;

/** A port on which nobody listens, and which no connection takes by chance. */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  for (let tries = 0; ; tries++) {
    const port = randomInt(FREE_PORTS.from, FREE_PORTS.to);
    try {
      return await listenOnce(port, host);
    } catch (error) {
      const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
      if (!isTaken || tries === TRIES) throw error;
    }
  }
}

/**
 * Every wanted port that somebody else holds, in one AhadiError `port_taken`. Port 0 is always free.
 * A host on which nothing can listen is an AhadiError `host_unusable`.
 */
export async function assertPortsFree(
  wanted: { setting: Setting; port: number; host: string }[],
): Promise<void> {
  const taken: string[] = [];
  for (const { setting, port, host } of wanted) {
    try {
      await listenOnce(port, host);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : error;
      if (code === "EADDRINUSE") taken.push(`port ${port} of ${nameOf(setting)} is taken`);
      else if (code === "EACCES") taken.push(`port ${port} of ${nameOf(setting)} needs privileges`);
      else {
        throw new AhadiError("host_unusable", `host ${host} cannot be listened on (${code})`, {
          hint: `${nameOf("host")} must be a name or an address of this machine`,
          cause: error,
        });
      }
    }
  }
  if (taken.length > 0) {
    throw new AhadiError("port_taken", taken.join("; "), {
      hint: "stop what listens there or choose another port",
    });
  }
}

function listenOnce(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}
