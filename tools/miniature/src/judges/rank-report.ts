/** How often the right one of several was found. */
export interface RankShares {
  /** How many were asked. */
  readonly count: number;
  /** The share in which the right one was first, and among the first five. */
  readonly first: number;
  readonly five: number;
}

/**
 * How often the right candidate has the highest score.
 * @param right The right candidate of each picture.
 * @param table A row of scores for each candidate, a number a picture in each.
 */
export const rankShares = (right: readonly number[], table: readonly (readonly number[])[]): RankShares => {
  let [first, five] = [0, 0];
  right.forEach((candidate, picture) => {
    const own = table[candidate]![picture]!;
    // One that is as high counts against it.
    const better = table.filter((row, other) => other !== candidate && row[picture]! >= own).length;
    if (better === 0) first += 1;
    if (better < 5) five += 1;
  });
  return { count: right.length, first: first / right.length, five: five / right.length };
};
