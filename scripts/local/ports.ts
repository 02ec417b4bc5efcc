import { createServer } from "node:net";
import { nameOf, type Setting } from "../../platform/config.ts";
import { AhadiError } from "../../platform/errors.ts";

/** A port that was free a moment ago. */
export function freePort(host = "127.0.0.1"): Promise<number> {
  return listenOnce(0, host);
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
