type Version = readonly [major: number, minor: number, patch: number];

const parse = (text: string): { version: Version; parts: number } | undefined => {
  const match = /^v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:[-+].*)?$/.exec(text);
  if (match === null) return undefined;
  const numbers = match
    .slice(1, 4)
    .map((part) => (part === undefined || !/^\d/.test(part) ? undefined : Number(part)));
  const parts = numbers.indexOf(undefined);
  return {
    version: [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0],
    parts: parts < 0 ? 3 : parts,
  };
};

const compare = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

/** The first version after those that agree with `version` in the first `parts` numbers. */
const after = ([major, minor, patch]: Version, parts: number): Version => {
  if (parts <= 0) return [Number.POSITIVE_INFINITY, 0, 0];
  if (parts === 1) return [major + 1, 0, 0];
  return parts === 2 ? [major, minor + 1, 0] : [major, minor, patch + 1];
};

const matches = (comparator: string, actual: Version): boolean | undefined => {
  const match = /^(\^|~|>=|<=|>|<|=)?(.+)$/.exec(comparator);
  const parsed = parse(match?.[2] ?? '');
  if (match === null || parsed === undefined) return undefined;
  const { version, parts } = parsed;
  const order = compare(actual, version);
  const fixed = version[0] > 0 ? 1 : version[1] > 0 ? 2 : 3;
  switch (match[1]) {
    case '>=':
      return order >= 0;
    case '<':
      return order < 0;
    case '>':
      return compare(actual, after(version, parts)) >= 0;
    case '<=':
      return compare(actual, after(version, parts)) < 0;
    case '^':
      return order >= 0 && compare(actual, after(version, Math.min(fixed, Math.max(parts, 1)))) < 0;
    case '~':
      return order >= 0 && compare(actual, after(version, Math.min(parts, 2))) < 0;
    default:
      return order >= 0 && compare(actual, after(version, parts)) < 0;
  }
};

/**
 * Whether a version lies in a range as package.json writes them (`^1.2.0`, `>=0.1.0 <1.0.0 || 2.x`); undefined
 * for a range in any other notation. Pre-release tags are not looked at.
 */
export const satisfiesRange = (version: string, range: string): boolean | undefined => {
  const actual = parse(version);
  if (actual === undefined) return undefined;
  let result = false;
  for (const alternative of range.split('||')) {
    const comparators = alternative
      .trim()
      .replace(/(\^|~|>=|<=|>|<|=)\s+/g, '$1')
      .split(/\s+/);
    const outcomes = comparators.map((part) => (part === '' ? true : matches(part, actual.version)));
    if (outcomes.includes(undefined)) return undefined;
    result ||= outcomes.every(Boolean);
  }
  return result;
};

/** Whether every version that a range names, be it from or up to there, is above `version`. */
export const isNewer = (range: string, version: string): boolean => {
  const actual = parse(version)?.version;
  const named = [...range.matchAll(/\d+(?:\.(?:\d+|[xX*]))*/g)].map(([text]) => parse(text)?.version);
  if (actual === undefined || named.length === 0) return false;
  return named.every((one) => one !== undefined && compare(one, actual) > 0);
};
