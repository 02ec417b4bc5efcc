import { encodeAbiParameters, type Hex, keccak256, parseAbiParameters, toHex } from "viem";

/**
 * The ERC-3009 nonce by which a payer binds an authorisation to a loan: whoever brings it can pay no other loan with it.
 * `salt` is the payer's own choice and makes each authorisation another one. Equals `LoanBook.authorizationNonce`.
 *
 *     bits 255 .. 64: lowest 192 bits of keccak256(abi.encode(loanId, salt))        bits 63 .. 0: zero
 */
export function authorizationNonce(loanId: Hex, salt: Hex): Hex {
  const hash = BigInt(keccak256(encodeAbiParameters(parseAbiParameters("bytes32, bytes32"), [loanId, salt])));
  return toHex(BigInt.asUintN(192, hash) << 64n, { size: 32 });
}
