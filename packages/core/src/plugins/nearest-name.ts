/** Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours. */
const distance = (a: string, b: string): number => {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
};

const plain = (text: string): string => text.toLowerCase().replace(/[-_ ]/g, '');

/**
 * The known name that a mistyped one most likely meant: at most a third of its letters differ, or it is the
 * only known name that begins with it. Case, hyphens and underscores do not count.
 */
export const nearestName = (typed: string, known: Iterable<string>): string | undefined => {
  const wanted = plain(typed);
  if (wanted === '') return undefined;
  const names = [...known];
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const candidate = plain(name);
    const apart = distance(wanted, candidate);
    if (apart <= Math.max(1, Math.floor(candidate.length / 3)) && apart < bestDistance) {
      best = name;
      bestDistance = apart;
    }
  }
  if (best !== undefined || wanted.length < 3) return best;
  const longer = names.filter((name) => plain(name).startsWith(wanted));
  return longer.length === 1 ? longer[0] : undefined;
};
