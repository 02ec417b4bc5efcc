import { fileURLToPath } from "node:url";

/** With what the contracts are compiled: by Hardhat for deployment, by our tools for what they look at. */
export const compilerVersion = "0.8.37";

/** The compiler comes with the npm package `solc`, so a build needs no network. */
export const compilerPath = fileURLToPath(import.meta.resolve("solc/soljson.js"));

export const compilerSettings = {
  evmVersion: "osaka",
  optimizer: { enabled: true, runs: 200 },
  metadata: { bytecodeHash: "ipfs" },
};

/** Whether the long campaigns run. */
export const deep = process.env.AHADI_DEEP === "1";

/** How long Solidity tests look for a counterexample, and where they begin: in the long campaigns anywhere. */
export const fuzzSettings = { runs: 128, seed: deep ? `0x${Date.now().toString(16)}` : "0xa4ad1" };

/** How often an invariant's campaign begins anew, and of how many calls it is. What may happen must not revert. */
export const invariantSettings = { runs: deep ? 40 : 1, depth: deep ? 200 : 48, failOnRevert: true };
