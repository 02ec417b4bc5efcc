import { spawn } from "node:child_process";
import { once } from "node:events";

/** The pid of a process that is gone. */
export async function freePid(): Promise<number> {
  const child = spawn("true", { stdio: "ignore" });
  await once(child, "exit");
  return child.pid ?? 0;
}
