import type { OpStatistics } from './step-statistics.js';

/** A moment of a call and the bytes that its ops hold from then on. */
export interface MemoryMoment {
  /** Microseconds since 1970. */
  readonly at: number;
  readonly bytes: number;
}

/** Adds up what the ops of a call took and gave back. */
export const memoryCurve = (ops: readonly OpStatistics[]): readonly MemoryMoment[] => {
  const changes = ops.flatMap(({ allocations }) => allocations).sort((a, b) => a.at - b.at);
  const curve: MemoryMoment[] = [];
  let bytes = 0;
  for (const { at, bytes: change } of changes) {
    bytes += change;
    // What happened within a microsecond is one moment.
    if (curve.at(-1)?.at === at) curve.pop();
    curve.push({ at, bytes });
  }
  return curve;
};
