import {
  type Abi,
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  createWalletClient,
  defineChain,
  http,
  type LocalAccount,
  type PublicClient,
  type TransactionReceipt,
} from "viem";
import { AhadiError } from "../platform/errors.ts";
import {
  accessManagerAbi,
  kycRegistryAbi,
  lendingPoolAbi,
  loanBookAbi,
  testDollarAbi,
  walletRecoveryAbi,
} from "./abi.ts";
import { connect } from "./clients.ts";

/** A reason may come from a contract deeper down than the one that is called: every error of ours is readable. */
const errorsAbi = [
  ...loanBookAbi,
  ...lendingPoolAbi,
  ...kycRegistryAbi,
  ...walletRecoveryAbi,
  ...testDollarAbi,
  ...accessManagerAbi,
].filter((item) => item.type === "error");

/** One person's or operator's line to the chain. */
export interface Sender {
  client: PublicClient;
  account: LocalAccount;
  /** Simulates, signs, sends and waits for the receipt. */
  send(call: Call): Promise<TransactionReceipt>;
}

export interface Call {
  address: Address;
  abi: Abi | readonly unknown[];
  functionName: string;
  args: readonly unknown[];
}

/**
 * A sender that signs with `account`. `send` throws AhadiError `refused` with the contract's own error and arguments
 * before anything is sent, `reverted` when the chain moved in between, `rpc_unreachable`.
 */
export async function openSender(rpcUrl: string, account: LocalAccount): Promise<Sender> {
  const client = connect(rpcUrl);
  const id = await client.getChainId();
  const chain = defineChain({
    id,
    name: `chain ${id}`,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
  const wallet = createWalletClient({ account, chain, transport: http(rpcUrl) });

  return {
    client,
    account,
    async send(call) {
      const abi = [...(call.abi as Abi), ...errorsAbi];
      const request = { ...call, abi, account };
      await client.simulateContract(request).catch((error) => {
        throw refusal(call.functionName, error);
      });
      const hash = await wallet.writeContract({ ...request, chain });
      const receipt = await client.waitForTransactionReceipt({ hash });
      if (receipt.status === "success") return receipt;
      throw new AhadiError(
        "reverted",
        `${call.functionName} was refused when it was mined (transaction ${hash})`,
      );
    },
  };
}

function refusal(functionName: string, error: unknown): AhadiError {
  const reverted =
    error instanceof BaseError ? error.walk((e) => e instanceof ContractFunctionRevertedError) : null;
  if (reverted instanceof ContractFunctionRevertedError) {
    const { errorName = "unknown error", args = [] } = reverted.data ?? {};
    const shown = args.map((arg) => String(arg)).join(", ");
    return new AhadiError("refused", `${functionName} is refused: ${errorName}(${shown})`, { cause: error });
  }
  const message = error instanceof BaseError ? error.shortMessage : String(error);
  return new AhadiError("rpc_failed", `${functionName}: ${message}`, { cause: error });
}

/** Chain time in unix seconds: the newest block's. */
export async function chainTime(client: PublicClient): Promise<bigint> {
  return (await client.getBlock({ includeTransactions: false })).timestamp;
}
