/** One figure that is not the same in the mirror and on the chain; null where one side has nothing. */
export interface Difference {
  /** A table of the mirror, or `loan` and `pool` for what was read from contract storage. */
  kind: string;
  id: string;
  field: string;
  mirror: string | null;
  chain: string | null;
}

export interface Findings {
  compare(kind: string, id: string, field: string, mirror: Figure, chain: Figure): void;
  readonly comparisons: number;
  readonly differences: readonly Difference[];
}

export type Figure = string | number | bigint | boolean | null | undefined;

/** A mirror that is entirely wrong must not fill the memory, nor may one wrong column hide another. */
const MOST_PER_FIELD = 50;

export function createFindings(): Findings {
  const differences: Difference[] = [];
  const perField = new Map<string, number>();
  let comparisons = 0;
  return {
    get comparisons() {
      return comparisons;
    },
    differences,
    compare(kind, id, field, mirror, chain) {
      comparisons++;
      const [ours, theirs] = [textOf(mirror), textOf(chain)];
      if (ours === theirs) return;
      const count = (perField.get(`${kind}.${field}`) ?? 0) + 1;
      perField.set(`${kind}.${field}`, count);
      if (count > MOST_PER_FIELD) return;
      differences.push({ kind, id, field, mirror: ours, chain: theirs });
    },
  };
}

/** Hexadecimal in lower case: a checksummed address is the same address. */
function textOf(figure: Figure): string | null {
  if (figure === null || figure === undefined) return null;
  const text = String(figure);
  return /^0x[0-9a-f]*$/i.test(text) ? text.toLowerCase() : text;
}
