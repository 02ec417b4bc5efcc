import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { recoverMessageAddress } from "viem";
import { createKeyFile, localSigner, openKeyFile } from "../../chain/operator.ts";
import { AhadiError } from "../../platform/errors.ts";
import { temporaryFolder } from "../support/folder.ts";

const PASSPHRASE = "correct horse battery staple";

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof AhadiError) return error.code;
    throw error;
  }
  return "nothing was refused";
}

describe("operator keys", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let keyFile: string;

  before(async () => {
    folder = await temporaryFolder();
    keyFile = join(folder.path, "key.json");
  });
  after(() => folder.remove());

  it("refuses a short passphrase and writes nothing", async () => {
    expect(await codeOf(createKeyFile(keyFile, "short"))).to.equal("passphrase_short");
    expect(await stat(keyFile).catch(() => undefined)).to.equal(undefined);
  });

  it("makes a key that signs, in a file that only its owner reads and that shows no key", async () => {
    const address = await createKeyFile(keyFile, PASSPHRASE);
    expect((await stat(keyFile)).mode & 0o777).to.equal(0o600);
    const signer = await openKeyFile(keyFile, PASSPHRASE);
    expect(signer.address).to.equal(address);
    const signature = await signer.signMessage({ message: "ahadi" });
    expect(await recoverMessageAddress({ message: "ahadi", signature })).to.equal(address);
    expect(JSON.parse(await readFile(keyFile, "utf8"))).to.have.nested.property("Crypto.ciphertext");
  });

  it("never writes over a key", async () => {
    const before = await readFile(keyFile, "utf8");
    expect(await codeOf(createKeyFile(keyFile, PASSPHRASE))).to.equal("key_file_exists");
    expect(await readFile(keyFile, "utf8")).to.equal(before);
  });

  it("tells a wrong passphrase from a wrong file and a missing one", async () => {
    const other = join(folder.path, "other.json");
    await writeFile(other, "{}");
    expect(await codeOf(openKeyFile(keyFile, "not the passphrase"))).to.equal("passphrase_wrong");
    expect(await codeOf(openKeyFile(other, PASSPHRASE))).to.equal("key_file_invalid");
    expect(await codeOf(openKeyFile(join(folder.path, "none.json"), PASSPHRASE))).to.equal(
      "key_file_missing",
    );
  });

  it("gives the public test keys on the local chain alone", () => {
    expect(localSigner("deployer", 31337).address).to.equal("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    expect(() => localSigner("deployer", 1)).to.throw(AhadiError, "key file");
  });
});
