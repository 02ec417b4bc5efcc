import { type PublicClient, toHex } from "viem";
import { chainTime } from "../../chain/send.ts";
import { dayNumber, startOfDay } from "../../lending/calendar.ts";

/** Nairobi's. */
export const UTC_OFFSET_S = 3 * 3600;

/** Whether the chain's clock stands in the past, so that the demo's acts can happen on their own days. */
export async function isInThePast(client: PublicClient): Promise<boolean> {
  return (await chainTime(client)) < now() - 86_400n;
}

/** Ten in the morning of `day`, if that is still ahead of the chain and behind the person's clock. */
export async function travelTo(client: PublicClient, day: number): Promise<void> {
  const time = BigInt(startOfDay(day, UTC_OFFSET_S) + 10 * 3600);
  if (time <= (await chainTime(client)) || time > now()) return;
  await client.request({ method: "evm_setNextBlockTimestamp", params: [toHex(time)] } as never);
  await client.request({ method: "evm_mine", params: [] } as never);
}

export async function today(client: PublicClient): Promise<number> {
  return dayNumber(await chainTime(client), UTC_OFFSET_S);
}

function now(): bigint {
  return BigInt(Math.floor(Date.now() / 1000));
}
