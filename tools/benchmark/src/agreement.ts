import type { Run } from './side.js';

/** Largest relative difference between what two runs computed. */
export const disagreement = (ours: Run, theirs: Run): number => {
  const names = Object.keys(theirs.values);
  if (names.length === 0 || names.join() !== Object.keys(ours.values).join()) {
    throw new Error(`The two sides report different numbers: ${Object.keys(ours.values)} and ${names}.`);
  }
  return Math.max(
    ...names.map((name) => {
      const [a, b] = [ours.values[name] as number, theirs.values[name] as number];
      return Math.abs(a - b) / Math.max(Math.abs(b), 1e-12);
    }),
  );
};
