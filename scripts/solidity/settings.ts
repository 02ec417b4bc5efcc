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

/** How long Solidity tests look for a counterexample, and where they begin. */
export const fuzzSettings = { runs: 128, seed: "0xa4ad1" };

/** How often the invariants' campaigns begin, and how many calls each of them makes. */
export const invariantSettings = { runs: 6, depth: 75, failOnRevert: true };
