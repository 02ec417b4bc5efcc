import { expect } from "chai";
import { parseDeployment, readDeployment } from "../../chain/deployment.ts";
import { AhadiError } from "../../platform/errors.ts";

describe("a deployment record", () => {
  it("that is missing says what to do", async () => {
    const error = await readDeployment("/nonexistent").catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(AhadiError).with.property("code", "deployment_missing");
    expect(error).to.have.property("hint").that.includes("ahadi deploy");
  });

  it("that is not JSON is refused", () => {
    expect(() => parseDeployment("{", "deployment.json")).to.throw(AhadiError, "not JSON");
  });

  it("has every contract of an institution; a test dollar is no part of it", () => {
    const word = `0x${"ab".repeat(32)}`;
    const contract = {
      address: `0x${"11".repeat(20)}`,
      constructorArguments: "0x",
      libraries: {},
      transactionHash: word,
      blockNumber: 3,
    };
    const contracts = {
      AccessManager: contract,
      KycRegistry: contract,
      WalletRecovery: contract,
      LoanMetadata: contract,
      LoanBook: contract,
      LendingPool: contract,
    };
    const record = {
      chainId: 1,
      genesisHash: word,
      startBlock: 1,
      contracts,
      libraries: { Reading: contract },
    };
    expect(parseDeployment(JSON.stringify(record), "deployment.json")).to.deep.equal(record);
    for (const missing of Object.keys(contracts)) {
      const text = JSON.stringify({ ...record, contracts: { ...contracts, [missing]: undefined } });
      expect(() => parseDeployment(text, "deployment.json"), missing).to.throw(AhadiError, missing);
    }
  });

  it("names each field that is wrong", () => {
    const text = JSON.stringify({
      chainId: -1,
      genesisHash: "0x12",
      startBlock: 0,
      contracts: { LoanBook: {} },
    });
    expect(() => parseDeployment(text, "deployment.json"))
      .to.throw(AhadiError, "chainId")
      .with.property("message")
      .that.includes("genesisHash")
      .and.includes("contracts.LendingPool");
  });
});
