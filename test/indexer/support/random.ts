/** A small seeded generator (mulberry32): the same seed plays the same test. */
export interface Random {
  /** 0 <= n < below */
  below(below: number): number;
  pick<T>(choices: readonly T[]): T;
  chance(share: number): boolean;
}

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    pick(choices) {
      const choice = choices[below(choices.length)];
      if (choice === undefined) throw new Error("nothing to pick from");
      return choice;
    },
    chance: (share) => next() < share,
  };
}

/** Deep campaigns try more, with a seed of their own that is printed; `npm test` always plays the same. */
export const deep = process.env.AHADI_DEEP !== undefined;

export function seedOf(usual: number): number {
  if (!deep) return usual;
  const seed = Number(process.env.AHADI_SEED ?? Date.now() % 2 ** 31);
  process.stderr.write(`seed: AHADI_SEED=${seed}\n`);
  return seed;
}
