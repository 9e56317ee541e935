import { availableParallelism } from 'node:os';

/** Who computes what on a CPU. */
export interface ProcessorUse {
  /** Into how many branches recorded functions divide a batch, at most. */
  readonly branches: number;
  /** How many processors share one op, at most. */
  readonly threadsPerOp: number;
}

/**
 * Divides the processors among branches of the graph. Ops of a batch are too small for several processors to share:
 * of two, the second saves next to nothing that way, and nearly half of the time with a branch of its own.
 * @param batch How many samples functions get at a time. A single one is not divided, not even into the halves of
 * guidance: it is for large networks, whose weights are then read once for both.
 */
export const divideProcessors = (batch: number, processors = availableParallelism()): ProcessorUse => {
  // What more would bring where there are many processors was not measured.
  const branches = batch < 2 ? 1 : Math.min(2, processors);
  return { branches, threadsPerOp: Math.floor(processors / branches) };
};
