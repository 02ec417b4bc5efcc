import type { EIP1193Provider } from "@nomicfoundation/ignition-core";
import { createPublicClient, type Hex, http, type LocalAccount, type TransactionSerializable } from "viem";
import { z } from "zod";

const quantity = z
  .string()
  .regex(/^0x[0-9a-f]+$/i)
  .transform(BigInt);
const bytes = z.custom<Hex>((value) => typeof value === "string" && /^0x[0-9a-f]*$/i.test(value));

const transactionSchema = z.object({
  to: bytes.optional(),
  data: bytes.optional(),
  value: quantity.optional(),
  nonce: quantity,
  gas: quantity,
  gasPrice: quantity.optional(),
  maxFeePerGas: quantity.optional(),
  maxPriorityFeePerGas: quantity.optional(),
});

/**
 * The chain as Ignition wants to see it: reading goes to the node, `eth_sendTransaction` is signed here by the
 * operator's signer, so a node never holds a key of ours.
 */
export function signingProvider(rpcUrl: string, signer: LocalAccount, chainId: number): EIP1193Provider {
  const client = createPublicClient({ transport: http(rpcUrl) });
  const forward = (method: string, params: unknown) =>
    client.request({ method, params } as unknown as Parameters<typeof client.request>[0]);

  return {
    async request({ method, params }) {
      if (method === "eth_accounts") return [signer.address];
      if (method !== "eth_sendTransaction") return await forward(method, params);
      const [sent] = z.tuple([transactionSchema]).parse(params);
      const raw = await signer.signTransaction(serializable(sent, chainId));
      return await forward("eth_sendRawTransaction", [raw]);
    },
  };
}

function serializable(sent: z.infer<typeof transactionSchema>, chainId: number): TransactionSerializable {
  const { to, data, value = 0n, nonce, gas, gasPrice, maxFeePerGas, maxPriorityFeePerGas } = sent;
  const common = { chainId, to: to ?? null, data: data ?? "0x", value, nonce: Number(nonce), gas } as const;
  if (maxFeePerGas === undefined) return { ...common, type: "legacy", gasPrice: gasPrice ?? 0n };
  return { ...common, type: "eip1559", maxFeePerGas, maxPriorityFeePerGas: maxPriorityFeePerGas ?? 0n };
}
