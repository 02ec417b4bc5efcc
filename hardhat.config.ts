import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatChaiMatchers from "@nomicfoundation/hardhat-ethers-chai-matchers";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatNetworkHelpers from "@nomicfoundation/hardhat-network-helpers";
import { defineConfig } from "hardhat/config";
import { log } from "./platform/log.ts";
import {
  compilerPath,
  compilerSettings,
  compilerVersion,
  deep,
  fuzzSettings,
  invariantSettings,
} from "./scripts/solidity/settings.ts";

if (deep) log.info(`Solidity tests draw from seed ${fuzzSettings.seed}`);

export default defineConfig({
  plugins: [hardhatEthers, hardhatChaiMatchers, hardhatMocha, hardhatNetworkHelpers],
  solidity: {
    // Tests compile apart, so that the compiler's input in a deployment's record holds the contracts alone.
    splitTestsCompilation: true,
    version: compilerVersion,
    path: compilerPath,
    npmFilesToBuild: ["@openzeppelin/contracts/access/manager/AccessManager.sol"],
    settings: compilerSettings,
  },
  paths: { tests: { mocha: "test/contracts", solidity: "test/contracts" } },
  test: { mocha: { timeout: 60_000 }, solidity: { fuzz: fuzzSettings, invariant: invariantSettings } },
});
