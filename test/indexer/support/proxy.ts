import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface RpcCall {
  id: unknown;
  method: string;
  params: unknown[];
}
type Answer = { result?: unknown; error?: { code: number; message: string } };

/** What goes wrong: an answer in place of the node's (undefined leaves it), or a fault of the whole HTTP answer. */
export interface Faults {
  answer?(call: RpcCall, result: unknown): Answer | undefined | Promise<Answer | undefined>;
  transport?(calls: RpcCall[]): "status" | "cut" | "drop" | undefined;
}

const open = new Set<Server>();
afterEach("close the proxies", () => {
  for (const server of open) {
    server.close();
    server.closeAllConnections();
  }
  open.clear();
});

/** A node that cannot be trusted, in front of a real one. */
export async function startProxy(rpcUrl: string, faults: Faults): Promise<string> {
  const server = createServer((request, response) => {
    void handle(rpcUrl, faults, request).then(
      ({ status, body, fault }) => {
        if (fault === "drop") return response.destroy();
        response.writeHead(status, { "content-type": "application/json" });
        return response.end(fault === "cut" ? body.slice(0, body.length / 2) : body);
      },
      () => response.destroy(),
    );
  });
  open.add(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function handle(rpcUrl: string, faults: Faults, request: IncomingMessage) {
  const body = await text(request);
  const sent: RpcCall | RpcCall[] = JSON.parse(body);
  const calls = [sent].flat().map((call) => ({ ...call, params: call.params ?? [] }));
  const fault = faults.transport?.(calls);
  if (fault === "status") return { status: 503, body: "busy", fault };
  const forwarded = await fetch(rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const received = await forwarded.json();
  const answers: unknown[] = [];
  for (const answer of [received].flat() as (Answer & { id: unknown })[]) {
    const call = calls.find(({ id }) => id === answer.id);
    const other = call === undefined ? undefined : await faults.answer?.(call, answer.result);
    answers.push(other === undefined ? answer : { jsonrpc: "2.0", id: answer.id, ...other });
  }
  return { status: 200, body: JSON.stringify(Array.isArray(sent) ? answers : answers[0]), fault };
}
