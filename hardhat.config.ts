import { fileURLToPath } from "node:url";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatChaiMatchers from "@nomicfoundation/hardhat-ethers-chai-matchers";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatNetworkHelpers from "@nomicfoundation/hardhat-network-helpers";
import { defineConfig } from "hardhat/config";

/** The compiler comes with the npm package `solc`, so a build needs no network. */
const solcPath = fileURLToPath(import.meta.resolve("solc/soljson.js"));

export default defineConfig({
  plugins: [hardhatEthers, hardhatChaiMatchers, hardhatMocha, hardhatNetworkHelpers],
  solidity: {
    // Tests compile apart, so that the compiler's input in a deployment's record holds the contracts alone.
    splitTestsCompilation: true,
    version: "0.8.37",
    path: solcPath,
    npmFilesToBuild: ["@openzeppelin/contracts/access/manager/AccessManager.sol"],
    settings: {
      evmVersion: "osaka",
      optimizer: { enabled: true, runs: 200 },
      metadata: { bytecodeHash: "ipfs" },
    },
  },
  paths: { tests: { mocha: "test/contracts", solidity: "test/contracts" } },
  test: { mocha: { timeout: 60_000 }, solidity: { fuzz: { runs: 128, seed: "0xa4ad1" } } },
});
