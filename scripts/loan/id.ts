import { type Hex, isHex } from "viem";
import { AhadiError } from "../../platform/errors.ts";

export function loanIdOption(value: string): Hex {
  if (isHex(value) && value.length === 66) return value;
  throw new AhadiError("config_invalid", "--loan must be a loan's id: 0x and 64 hexadecimal digits");
}
