import { fileURLToPath } from "node:url";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { BaseContract, BaseContractMethod, InterfaceAbi, Result } from "ethers";
import hre, { network } from "hardhat";
import type { Abi, ContractFunctionName } from "viem";

export type Signer = HardhatEthersSigner;

/** An ethers contract whose functions are known by name from its typed binding. */
export type Bound<A extends Abi> = BaseContract & { [Name in ContractFunctionName<A>]: BaseContractMethod };

/** One chain in this process for all contract tests; it begins before golden case C02's own dates. */
export const { ethers, networkHelpers, provider } = await network.create({
  override: { initialDate: "2022-10-20T08:00:00Z" },
});

const { time } = networkHelpers;

/** Deploys a contract of the house. */
export async function deploy<A extends Abi>(
  name: string,
  args: unknown[],
  libraries: Record<string, string> = {},
): Promise<Bound<A>> {
  return (await ethers.deployContract(name, args, { libraries })) as unknown as Bound<A>;
}

/** Deploys a contract of the house with the libraries that its artifact names, each of them first. */
export async function deployLinked<A extends Abi>(name: string, args: unknown[]): Promise<Bound<A>> {
  const { linkReferences } = await hre.artifacts.readArtifact(name);
  const names = Object.values(linkReferences as Record<string, object>).flatMap((file) => Object.keys(file));
  const libraries: Record<string, string> = {};
  for (const library of names) libraries[library] = await (await ethers.deployContract(library)).getAddress();
  return await deploy<A>(name, args, libraries);
}

/** The functions of the contracts under `support/`, which stand in no deployment and have no typed binding. */
export type Helper<Name extends string> = BaseContract & { [N in Name]: BaseContractMethod };

/** Compiles (once, cached) and deploys a contract that stands beside this file. */
export async function deployHelper<Name extends string>(
  name: string,
  args: unknown[] = [],
): Promise<Helper<Name>> {
  const source = fileURLToPath(new URL(`${name}.sol`, import.meta.url));
  const built = await hre.solidity.build([source], { scope: "tests", quiet: true });
  if (!hre.solidity.isSuccessfulBuildResult(built)) throw new Error(`${name}.sol does not compile`);
  const directory = await hre.solidity.getArtifactsDirectory("tests");
  const path = `${directory}/test/contracts/support/${name}.sol/${name}.json`;
  const { default: artifact } = (await import(path, { with: { type: "json" } })) as {
    default: { abi: InterfaceAbi; bytecode: string };
  };
  const [deployer] = await ethers.getSigners();
  const factory = new ethers.ContractFactory(artifact.abi, artifact.bytecode, deployer);
  return (await factory.deploy(...args)) as unknown as Helper<Name>;
}

/** The same contract, called by `signer`. */
export function as<T extends BaseContract>(signer: Signer, contract: T): T {
  return contract.connect(signer) as T;
}

/** Arguments of every event `name` that `contract` has emitted since block `from`. */
export async function eventsOf(contract: BaseContract, name: string, from = 0): Promise<Result[]> {
  const logs = await contract.queryFilter(name, from);
  return logs.flatMap((log) => ("args" in log ? [log.args] : []));
}

/** The account of a contract, for tests that need it to call by itself. */
export async function accountOf(contract: BaseContract): Promise<Signer> {
  const address = await contract.getAddress();
  await networkHelpers.setBalance(address, 10n ** 18n);
  return await ethers.getImpersonatedSigner(address);
}

/** Mines a block at noon of `day` (counted in `utcOffset` seconds) if that is still ahead. */
export async function goToDay(day: number, utcOffset: number): Promise<void> {
  const noon = day * 86_400 + 43_200 - utcOffset;
  if (noon > (await time.latest())) await time.increaseTo(noon);
}

/** Today's day number in `utcOffset`, as the last block has it. */
export async function todayIn(utcOffset: number): Promise<number> {
  return Math.floor(((await time.latest()) + utcOffset) / 86_400);
}
