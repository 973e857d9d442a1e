/** A run of rows of which each names the one before it. Numbers are those of the table now. */
export interface Run {
  readonly from: number;
  readonly to: number;
  /** The hash that the first of them names. */
  readonly previous: string;
  /** The hash of the last of them. */
  readonly end: string;
}

export interface Ordered {
  /** Fastened to a row that already has a successor. */
  readonly inserted: readonly Run[];
  /** Fastened to a row that is nowhere. */
  readonly orphaned: readonly Run[];
  /** Standing elsewhere than where the hashes put them, with the run after which they belong. */
  readonly moved: readonly { readonly run: Run; readonly after: Run | undefined }[];
}

const lengthOf = ({ from, to }: Run): number => to - from + 1;

/** The heaviest selection of runs whose numbers rise: whoever is not in it stands in the wrong place. */
const rising = (runs: readonly Run[]): Set<Run> => {
  const best: { weight: number; before: number }[] = [];
  runs.forEach((run, i) => {
    best.push(runs.slice(0, i).reduce((found, earlier, j) => {
      const weight = best[j]!.weight + lengthOf(run);
      return earlier.to < run.from && weight > found.weight ? { weight, before: j } : found;
    }, { weight: lengthOf(run), before: -1 }));
  });
  const kept = new Set<Run>();
  for (let at = best.reduce((found, { weight }, i) => (weight > (best[found]?.weight ?? 0) ? i : found), -1); at >= 0; at = best[at]!.before) kept.add(runs[at]!);
  return kept;
};

/** What became of an order of which only the hashes are left to tell. `runs`: by their numbers; `start`: what the very first row names. */
export const orderOf = (runs: readonly Run[], start: string): Ordered => {
  const after = Map.groupBy(runs, ({ previous }) => previous);
  const reach = (run: Run, seen = new Set<Run>()): number => {
    if (seen.has(run)) return 0;
    seen.add(run);
    return lengthOf(run) + Math.max(0, ...(after.get(run.end) ?? []).map((next) => reach(next, seen)));
  };
  const placed = new Set<Run>();
  const inserted: Run[] = [];
  const follow = (hash: string, into: Run[]): void => {
    const candidates = (after.get(hash) ?? []).filter((run) => !placed.has(run));
    // Who wrote a row in between could not fasten the next one to it: the longer chain is the true one, of two as long the later one.
    const [next, ...others] = candidates.map((run) => ({ run, length: reach(run) })).sort((a, b) => b.length - a.length || b.run.from - a.run.from);
    if (!next) return;
    for (const { run } of others) {
      placed.add(run);
      inserted.push(run);
    }
    placed.add(next.run);
    into.push(next.run);
    follow(next.run.end, into);
  };

  const order: Run[] = [];
  const orphaned: Run[] = [];
  follow(start, order);
  for (const run of runs) {
    if (placed.has(run)) continue;
    const chain = [run];
    placed.add(run);
    orphaned.push(run);
    follow(run.end, chain);
    const at = order.findIndex(({ from }) => from > run.from);
    order.splice(at < 0 ? order.length : at, 0, ...chain);
  }
  const inPlace = rising(order);
  const moved = order.flatMap((run, i) => (inPlace.has(run) ? [] : [{ run, after: order[i - 1] }]));
  return { inserted, orphaned, moved };
};
