import { rm } from "node:fs/promises";
import { assertChain, connect, identify } from "../../chain/clients.ts";
import { deploymentFile, hasDeployment, readDeployment } from "../../chain/deployment.ts";
import { assertMirrors, OTHER_DATABASE, type Pin } from "../../indexer/store/mirror.ts";
import { AhadiError } from "../../platform/errors.ts";
import { log } from "../../platform/log.ts";
import { writeRecord } from "../deploy/record.ts";
import { ensureDeployed, localDeploymentDir } from "../deploy.ts";

/**
 * The folder of a local chain's deployment; a new chain is deployed to. A chain that was `used` must go on with the
 * deployment it has, since another one would leave its loans behind: a lost record is written again from the journal
 * beside it. Throws AhadiError `deployment_lost` when there is none.
 */
export async function localDeployment(chain: {
  rpcUrl: string;
  stateDir: string;
  used: boolean;
  /** What an attached database mirrors. */
  pin: Pin | undefined;
}): Promise<string> {
  const { rpcUrl, stateDir, used, pin } = chain;
  const dir = localDeploymentDir(stateDir);
  if (used && !(await hasDeployment(dir))) await recoverRecord(rpcUrl, dir, pin);
  return (await ensureDeployed({ rpcUrl, stateDir })).deploymentDir;
}

async function recoverRecord(rpcUrl: string, dir: string, pin: Pin | undefined): Promise<void> {
  const client = connect(rpcUrl);
  const identity = await identify(client, rpcUrl);
  try {
    await writeRecord({ dir, rpcUrl, ...identity });
    const deployment = await readDeployment(dir);
    await assertChain(client, deployment, rpcUrl);
    if (pin !== undefined) assertMirrors(pin, deployment);
  } catch (cause) {
    await rm(deploymentFile(dir), { force: true });
    const remedy = pin === undefined ? "start anew with --fresh" : OTHER_DATABASE;
    throw new AhadiError("deployment_lost", `this chain was deployed to, but its record in ${dir} is gone`, {
      hint: `put deployment.json back, or ${remedy}`,
      cause,
    });
  }
  log.info("  the deployment's record was gone: written again from its journal");
}
