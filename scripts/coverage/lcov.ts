/** What an lcov file says of one source file. */
export interface FileCoverage {
  lines: Share;
  branches: Share;
  uncoveredLines: number[];
}

export interface Share {
  covered: number;
  total: number;
}

/** Source file -> what was run of it. A line or a branch that is named more than once counts once. */
export function parseLcov(text: string): Map<string, FileCoverage> {
  const files = new Map<string, FileCoverage>();
  for (const record of text.split("end_of_record")) {
    const path = /^SF:(.+)$/m.exec(record)?.[1];
    if (path === undefined) continue;
    const lines = hits(record, /^DA:(\d+),(\d+)/gm);
    const branches = hits(record, /^BRDA:(\d+,\d+,\d+),(\d+|-)/gm);
    files.set(path, {
      lines: shareOf(lines),
      branches: shareOf(branches),
      uncoveredLines: [...lines].filter(([, isHit]) => !isHit).map(([line]) => Number(line)),
    });
  }
  return files;
}

export function percentOf(shares: readonly Share[]): number {
  const covered = shares.reduce((sum, share) => sum + share.covered, 0);
  const total = shares.reduce((sum, share) => sum + share.total, 0);
  // Rounded down: 97.999 % is less than 98 %.
  return total === 0 ? 100 : Math.floor((covered / total) * 10_000) / 100;
}

function hits(record: string, pattern: RegExp): Map<string, boolean> {
  const found = new Map<string, boolean>();
  for (const [, key = "", count = ""] of record.matchAll(pattern)) {
    const isHit = count !== "-" && Number(count) > 0;
    found.set(key, isHit || found.get(key) === true);
  }
  return found;
}

function shareOf(found: Map<string, boolean>): Share {
  return { covered: [...found.values()].filter(Boolean).length, total: found.size };
}
