import type { ConformanceCheck } from '../src/index.js';

/** Titles of the checks that fail, with their reasons. */
export const failures = async (
  checks: readonly ConformanceCheck[],
): Promise<Readonly<Record<string, string>>> => {
  const failed: Record<string, string> = {};
  for (const { title, run } of checks) {
    try {
      await run();
    } catch (error) {
      failed[title] = error instanceof Error ? error.message : String(error);
    }
  }
  return failed;
};
