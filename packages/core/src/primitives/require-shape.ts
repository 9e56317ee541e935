import { DraftError } from '../errors/draft-error.js';

/** Throws `DRAFT_SHAPE` with `message` unless the condition holds. */
export function requireShape(holds: boolean, message: () => string): void {
  if (!holds) throw new DraftError('DRAFT_SHAPE', message());
}
