import { DraftError } from '@draft/core';

/** One thing that a plugin has to do. */
export interface ConformanceCheck {
  /** What it does, as a sentence that goes on after the plugin's name: `scores each image once`. */
  readonly title: string;
  /** Resolves where the plugin does it. @throws DraftError that says what it does instead. */
  readonly run: () => Promise<void> | void;
}

/**
 * Fails a check where `condition` does not hold.
 * @throws DraftError `DRAFT_CONFORMANCE`.
 */
export function expectThat(condition: boolean, message: string): asserts condition {
  if (!condition) throw new DraftError('DRAFT_CONFORMANCE', message);
}

/** What happened in a few words, whatever was thrown. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
