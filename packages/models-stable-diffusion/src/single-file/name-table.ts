/** Beginnings of names: the original code's, and diffusers'. */
export type NamePair = readonly [original: string, diffusers: string];

/** A map between the names of a network's weights in the original code of Stable Diffusion and in diffusers. */
export interface NameTable {
  /** The name in diffusers; null where the original code has no such weight. */
  toDiffusers(original: string): string | null;
  /** The name in the original code; null where diffusers has no such weight. */
  toOriginal(diffusers: string): string | null;
}

function renamer(
  blocks: readonly NamePair[],
  inner: readonly NamePair[],
  from: 0 | 1,
): (name: string) => string | null {
  const to = from === 0 ? 1 : 0;
  const byStart = new Map(blocks.map((pair) => [pair[from], pair[to]]));
  return (name) => {
    // The longest beginning wins: a block may be named within another.
    for (let end = name.lastIndexOf('.'); end > 0; end = name.lastIndexOf('.', end - 1)) {
      const start = byStart.get(name.slice(0, end + 1));
      if (start === undefined) continue;
      const rest = name.slice(end + 1);
      const part = inner.find((pair) => rest.startsWith(pair[from]));
      return start + (part ? part[to] + rest.slice(part[from].length) : rest);
    }
    return null;
  };
}

/**
 * Makes a map from the beginnings of the blocks' names and from those within a block.
 * @param blocks All end in a dot; every weight begins with one of them.
 * @param inner What differs within a block, all ending in a dot; other names are the same.
 */
export const createNameTable = (blocks: readonly NamePair[], inner: readonly NamePair[]): NameTable => ({
  toDiffusers: renamer(blocks, inner, 0),
  toOriginal: renamer(blocks, inner, 1),
});
