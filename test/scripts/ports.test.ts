import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { expect } from "chai";
import { AhadiError } from "../../platform/errors.ts";
import { assertPortsFree, freePort } from "../../scripts/local/ports.ts";

const host = "127.0.0.1";

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const address = server.address();
  return { server, port: typeof address === "object" && address !== null ? address.port : 0 };
}

/** What Linux says, else its default. */
function firstOutgoingPort(): number {
  try {
    return Number(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split(/\s/)[0]);
  } catch {
    return 32_768;
  }
}

describe("ports", () => {
  it("that are taken are all named at once, with their settings", async () => {
    const [web, chain] = await Promise.all([listen(), listen()]);
    const check = assertPortsFree([
      { setting: "port", port: web.port, host },
      { setting: "postgresPort", port: await freePort(), host },
      { setting: "chainPort", port: chain.port, host },
    ]);
    const error = await check.catch((thrown: unknown) => thrown);
    web.server.close();
    chain.server.close();
    expect(error).to.be.instanceOf(AhadiError).with.property("code", "port_taken");
    expect(error).to.have.property(
      "message",
      `port ${web.port} of AHADI_PORT (--port) is taken; port ${chain.port} of AHADI_CHAIN_PORT (--chain-port) is taken`,
    );
  });

  it("on an address that is not this machine's are refused", async () => {
    for (const port of [await freePort(), 0]) {
      const check = assertPortsFree([{ setting: "port", port, host: "192.0.2.1" }]);
      const error = await check.catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(AhadiError).with.property("code", "host_unusable");
      expect(error).to.have.property("message", "host 192.0.2.1 cannot be listened on (EADDRNOTAVAIL)");
      expect(error).to.have.property("hint").that.contains("AHADI_HOST (--host)");
    }
  });

  it("with number 0 are always free", () => assertPortsFree([{ setting: "port", port: 0, host }]));

  it("that are free are found", async () => {
    const port = await freePort();
    await assertPortsFree([{ setting: "port", port, host }]);
    expect(port).to.be.greaterThan(0);
  });

  it("that are free lie below those that the system gives to outgoing connections", async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
    expect(Math.max(...ports)).to.be.lessThan(firstOutgoingPort());
  });
});
