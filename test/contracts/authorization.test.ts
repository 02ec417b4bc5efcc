import { expect } from "chai";
import type { testDollarAbi } from "../../chain/abi.ts";
import {
  as,
  type Bound,
  deploy,
  deployHelper,
  ethers,
  type Helper,
  networkHelpers,
  type Signer,
} from "./support/chain.ts";

const { time } = networkHelpers;

const AMOUNT = 111_000_000n;
const LOANS = [`0x${"a1".repeat(32)}`, `0x${"a2".repeat(32)}`] as const;
const SALT = `0x${"5a".repeat(32)}`;
const NEVER = 4_000_000_000;

const RECEIVE = {
  ReceiveWithAuthorization: [
    { name: "from", type: "address" },
    { name: "to", type: "address" },
    { name: "value", type: "uint256" },
    { name: "validAfter", type: "uint256" },
    { name: "validBefore", type: "uint256" },
    { name: "nonce", type: "bytes32" },
  ],
};

interface World {
  payer: Signer;
  receiver: Signer;
  stranger: Signer;
  dollar: Bound<typeof testDollarAbi>;
  /** The dollar through the one function that LoanBook knows of it, called by the receiver. */
  door: Helper<"receiveWithAuthorization">;
}

interface Authorization {
  from: string;
  to: string;
  value: bigint;
  validAfter: number;
  validBefore: number;
  nonce: string;
}

/** Fixture: the payer has dollars and has approved nothing. */
async function payment(): Promise<World> {
  const [payer, receiver, stranger] = (await ethers.getSigners()) as [Signer, Signer, Signer];
  const dollar = await deploy<typeof testDollarAbi>("TestDollar", []);
  await dollar.mint(payer.address, 10n * AMOUNT);
  const door = await ethers.getContractAt("IReceiveWithAuthorization", await dollar.getAddress(), receiver);
  return { payer, receiver, stranger, dollar, door: door as unknown as World["door"] };
}

function load(): Promise<World> {
  return networkHelpers.loadFixture(payment);
}

/** Binds an authorisation to a loan: a key of 192 bits with the sequence 0. */
function nonceFor(loanId: string, salt = SALT): string {
  const key = ethers.keccak256(
    ethers.AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32"], [loanId, salt]),
  );
  return ethers.toBeHex((BigInt(key) & (2n ** 192n - 1n)) << 64n, 32);
}

function authorization(world: World, changes: Partial<Authorization> = {}): Authorization {
  const { payer, receiver } = world;
  return {
    ...{ from: payer.address, to: receiver.address, value: AMOUNT },
    ...{ validAfter: 0, validBefore: NEVER, nonce: nonceFor(LOANS[0]) },
    ...changes,
  };
}

async function sign({ dollar }: World, signed: Authorization, signer: Signer): Promise<string> {
  const { name, version, chainId, verifyingContract } = await dollar.eip712Domain();
  return await signer.signTypedData({ name, version, chainId, verifyingContract }, RECEIVE, signed);
}

async function receive(world: World, changes: Partial<Authorization> = {}, signer = world.payer) {
  const signed = authorization(world, changes);
  const signature = await sign(world, signed, signer);
  return await bring(world.door, signed, signature);
}

async function bring(door: World["door"], signed: Authorization, signature: string) {
  const { from, to, value, validAfter, validBefore, nonce } = signed;
  return await door.receiveWithAuthorization(from, to, value, validAfter, validBefore, nonce, signature);
}

describe("A signed transfer of the test dollar", () => {
  it("is refused to everybody but the receiver that it names", async () => {
    const world = await load();
    const signed = authorization(world);
    const signature = await sign(world, signed, world.payer);
    await expect(bring(as(world.stranger, world.door), signed, signature))
      .to.be.revertedWithCustomError(world.dollar, "ERC20InvalidReceiver")
      .withArgs(world.receiver.address);
    await bring(world.door, signed, signature);
  });

  it("is refused when somebody else signed it, or something else was signed", async () => {
    const world = await load();
    const signed = authorization(world);
    const signature = await sign(world, signed, world.payer);
    const attempts = [
      () => receive(world, {}, world.stranger),
      () => bring(world.door, { ...signed, value: AMOUNT + 1n }, signature),
      () => bring(world.door, { ...signed, nonce: nonceFor(LOANS[1]) }, signature),
    ];
    for (const attempt of attempts) {
      await expect(attempt()).to.be.revertedWithCustomError(world.dollar, "ERC3009InvalidSignature");
    }
  });

  it("is valid between its two seconds alone, neither of them included", async () => {
    const world = await load();
    const now = (await time.latest()) + 100;
    for (const [validAfter, validBefore] of [
      [now, now + 1],
      [now - 1, now],
    ] as const) {
      await time.setNextBlockTimestamp(now);
      await expect(receive(world, { validAfter, validBefore }))
        .to.be.revertedWithCustomError(world.dollar, "ERC3009InvalidAuthorizationTime")
        .withArgs(validAfter, validBefore);
    }
    await time.setNextBlockTimestamp(now);
    await receive(world, { validAfter: now - 1, validBefore: now + 1 });
  });

  it("moves the payer's money once, without an allowance", async () => {
    const world = await load();
    const { dollar, payer, receiver } = world;
    await expect(receive(world)).to.changeTokenBalances(ethers, dollar, [payer, receiver], [-AMOUNT, AMOUNT]);
    expect(await dollar.authorizationState(payer.address, nonceFor(LOANS[0]))).to.equal(true);
    await expect(receive(world)).to.be.revertedWithCustomError(dollar, "InvalidAccountNonce");
  });

  it("for one loan does not wait for another, in any order, and uses up no permit", async () => {
    const world = await load();
    const nonces = [nonceFor(LOANS[1]), nonceFor(LOANS[0]), nonceFor(LOANS[0], LOANS[1])];
    for (const nonce of nonces) await receive(world, { nonce });
    expect(await world.dollar.balanceOf(world.receiver.address)).to.equal(3n * AMOUNT);
    expect(await world.dollar.nonces(world.payer.address)).to.equal(0n);
  });

  it("is given by a contract wallet as well", async () => {
    const world = await load();
    const { dollar, payer, receiver, stranger } = world;
    const wallet = await deployHelper("ContractWallet", [payer.address]);
    const from = await wallet.getAddress();
    await dollar.mint(from, AMOUNT);
    await expect(receive(world, { from }, stranger)).to.be.revertedWithCustomError(
      dollar,
      "ERC3009InvalidSignature",
    );
    await expect(receive(world, { from })).to.changeTokenBalances(
      ethers,
      dollar,
      [wallet, receiver],
      [-AMOUNT, AMOUNT],
    );
  });
});
