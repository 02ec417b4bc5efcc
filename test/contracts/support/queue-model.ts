import { smallerOf } from "../../../lending/money.ts";

/** Redemptions by brute force: a list of requests, each with what became of every share of it. */
export interface Request {
  id: number;
  controller: string;
  waiting: bigint;
  /** Fulfilled and not claimed. */
  claimable: bigint;
}

export interface Claim {
  shares: bigint;
  assets: bigint;
}

interface Price {
  assets: bigint;
  supply: bigint;
}

export class QueueModel {
  readonly requests: Request[] = [];
  readonly claims = new Map<string, Claim>();

  copy(): QueueModel {
    const copy = new QueueModel();
    copy.requests.push(...this.requests.map((request) => ({ ...request })));
    for (const [controller, claim] of this.claims) copy.claims.set(controller, { ...claim });
    return copy;
  }

  push(controller: string, shares: bigint): number {
    const id = this.requests.length + 1;
    this.requests.push({ id, controller, waiting: shares, claimable: 0n });
    return id;
  }

  /** The oldest first, with at most `cash`; the last one perhaps in part. */
  serve(most: number, cash: bigint, { assets, supply }: Price) {
    const total = { served: 0, shares: 0n, assets: 0n };
    for (const request of this.requests) {
      if (request.waiting === 0n) continue;
      if (total.served === most || assets - total.assets <= 1n) break;
      const price = { assets: assets - total.assets, supply: supply - total.shares };
      const part = partFor(request.waiting, cash - total.assets, price);
      if (part.shares === 0n) break;
      request.waiting -= part.shares;
      request.claimable += part.shares;
      const claim = this.claimOf(request.controller);
      this.claims.set(request.controller, {
        shares: claim.shares + part.shares,
        assets: claim.assets + part.assets,
      });
      total.served += 1;
      total.shares += part.shares;
      total.assets += part.assets;
    }
    return total;
  }

  /** Takes a claim; of the controller's requests the oldest is claimed first. */
  claim(controller: string, { shares, assets }: Claim): void {
    const claim = this.claimOf(controller);
    this.claims.set(controller, { shares: claim.shares - shares, assets: claim.assets - assets });
    let left = shares;
    for (const request of this.requests) {
      if (request.controller !== controller) continue;
      const taken = smallerOf(request.claimable, left);
      request.claimable -= taken;
      left -= taken;
    }
  }

  claimOf(controller: string): Claim {
    return this.claims.get(controller) ?? { shares: 0n, assets: 0n };
  }

  waiting(): bigint {
    return this.requests.reduce((sum, { waiting }) => sum + waiting, 0n);
  }

  claimableAssets(): bigint {
    let sum = 0n;
    for (const { assets } of this.claims.values()) sum += assets;
    return sum;
  }
}

/** All of the shares if the cash reaches, else as many as it pays for, rounded up. */
function partFor(waiting: bigint, cash: bigint, { assets, supply }: Price): Claim {
  const worth = (waiting * assets) / supply;
  if (worth <= cash) return { shares: waiting, assets: worth };
  return { shares: (cash * supply + assets - 1n) / assets, assets: cash };
}
