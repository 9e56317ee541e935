import type { AddedToken } from './added-token.js';

/** A stretch of ordinary text, or the id of an added token. */
export type Segment = string | number;

const wordAtEnd = /[\p{L}\p{M}\p{N}_]$/u;
const wordAtStart = /^[\p{L}\p{M}\p{N}_]/u;

/** Whether no word character touches the stretch `[start, end)` of the text. */
function standsAlone(text: string, start: number, end: number): boolean {
  // Two code units hold the neighbouring character whole.
  return (
    !wordAtEnd.test(text.slice(Math.max(0, start - 2), start)) && !wordAtStart.test(text.slice(end, end + 2))
  );
}

/**
 * Makes a function that cuts a text at added tokens: the leftmost wins, of two that begin together the longer one.
 * @returns Null-free segments in the order of the text; empty stretches are left out.
 */
export function createTokenSplitter(tokens: readonly AddedToken[]): (text: string) => readonly Segment[] {
  if (!tokens.length) return (text) => (text ? [text] : []);
  const byContent = new Map(tokens.map((token) => [token.content, token]));
  const pattern = new RegExp(
    [...byContent.keys()]
      .sort((a, b) => b.length - a.length)
      .map((content) => content.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
      .join('|'),
    'gu',
  );
  return (text) => {
    const segments: Segment[] = [];
    let done = 0;
    for (const match of text.matchAll(pattern)) {
      const token = byContent.get(match[0])!;
      const end = match.index + match[0].length;
      if (token.singleWord && !standsAlone(text, match.index, end)) continue;
      const before = text.slice(done, match.index);
      const kept = token.leftStrip ? before.trimEnd() : before;
      if (kept) segments.push(kept);
      segments.push(token.id);
      const after = text.slice(end);
      done = token.rightStrip ? end + (after.length - after.trimStart().length) : end;
    }
    const rest = text.slice(done);
    if (rest) segments.push(rest);
    return segments;
  };
}
