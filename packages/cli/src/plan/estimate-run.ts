import type { RehearsedFunction, RehearsedWork } from '@draft/core';
import type { TrainConfig } from '../config/train-options.js';
import { type OpTimes, secondsOfFunction, secondsOfWork } from './op-times.js';
import { largestFunction, type RehearsedRun } from './rehearse-run.js';
import type { MemoryEstimate, PlannedPart, TimeEstimate } from './run-estimate.js';

/** What the functions of core are to a user; others go by their own names. */
const partOf = (name: string): string => {
  if (name === 'denoise') return 'sampling';
  if (name.startsWith('final-')) return 'last step, decoding and reward';
  // A step that keeps what it computed is begun while sampling and finished on the way back.
  if (/^kept-.*-begun$/.test(name)) return 'sampling, what gradients need kept';
  if (/^(step-gradient|kept-)/.test(name)) return 'gradients of earlier steps';
  if (name === 'adamw') return 'optimiser';
  return name;
};

/** Memory that is resident beyond what tensors add up to. Measured; see docs/memory.md. */
const model = {
  /** Bytes that TensorFlow and JavaScript keep of a recorded node. */
  node: 6000,
  /** Bytes of the run's own code and of JavaScript's garbage. */
  running: 80e6,
  /** Resident bytes for a byte that a function is computing with. */
  computation: 1.1,
};

const peakOf = (work: readonly RehearsedWork[]) => Math.max(...work.map(({ peakBytes }) => peakBytes));

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, value) => sum + value, 0) / Math.max(1, numbers.length);

const sumUp = (iterations: readonly RehearsedWork[], times: OpTimes): readonly PlannedPart[] => {
  const parts = new Map<string, PlannedPart>();
  for (const { functions } of iterations) {
    for (const each of functions) {
      const name = partOf(each.name);
      const before = parts.get(name) ?? { name, calls: 0, seconds: 0, bytes: 0 };
      parts.set(name, {
        name,
        calls: before.calls + each.calls / iterations.length,
        seconds: before.seconds + secondsOfFunction(each, times) / iterations.length,
        bytes: Math.max(before.bytes, each.bytes),
      });
    }
  }
  return [...parts.values()];
};

/** How many pictures a run judges before, on the way and after. */
const judgedPictures = (config: TrainConfig, heldOut: boolean): number => {
  const sets = heldOut ? 2 : 1;
  const looks = config.sampleEvery === 0 ? 0 : 1 + Math.floor(config.iterations / config.sampleEvery);
  const each =
    config.guard === 'off' ? 4 : 4 * config.guardSamples + (heldOut ? Math.min(8, config.evaluate) : 0);
  return 2 * sets * config.evaluate + looks * each;
};

/**
 * Adds up the memory of a rehearsed run.
 * @param programBytes What the process held before the rehearsal.
 */
export const estimateMemory = (run: RehearsedRun, programBytes: number): MemoryEstimate => {
  const { nodes, constantBytes, liveBytes } = run.saved;
  const program = programBytes + model.running + nodes * model.node + 3 * constantBytes;
  const most = peakOf([run.loaded, run.judged, ...run.iterations, run.saved]);
  const computation = (most - liveBytes) * model.computation;
  const largest: RehearsedFunction | undefined = largestFunction(run);
  return {
    peakBytes: program + liveBytes + computation,
    memory: { program, weights: liveBytes, computation },
    largest: largest ? partOf(largest.name) : 'nothing',
  };
};

/** Adds up the time of a rehearsed run. */
export const estimateTime = (
  run: RehearsedRun,
  { config, heldOut }: { readonly config: TrainConfig; readonly heldOut: readonly string[] },
  times: OpTimes,
): TimeEstimate => {
  const secondsAnIteration = mean(run.iterations.map((work) => secondsOfWork(work, times)));
  const aPicture = secondsOfWork(run.judged, times) / Math.max(1, run.judged.pictures);
  return {
    secondsAnIteration,
    secondsInAll:
      config.iterations * secondsAnIteration + judgedPictures(config, heldOut.length > 0) * aPicture,
    parts: sumUp(run.iterations, times),
  };
};
