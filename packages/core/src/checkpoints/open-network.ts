import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { Runtime } from '../contracts/runtime.js';
import type { Weights } from '../contracts/weights.js';
import { createCheckpointWeights } from './checkpoint-weights.js';
import { inLanes } from './in-lanes.js';
import type { TensorSource } from './tensor-source.js';
import { type PlanOptions, planWeights } from './weight-plan.js';

/** A network and how it is built. */
export interface NetworkSpec<Network> extends PlanOptions {
  /** How messages call it, for example `unet`. */
  readonly name: string;
  readonly build: (weights: Weights) => Network;
}

/** A network whose checkpoint fits it; no number has been read yet. */
export interface OpenNetwork<Network> {
  /** Bytes that `load` reads. */
  readonly bytes: number;
  /** Numbers that the network consists of. */
  readonly parameters: number;
  /**
   * Reads the weights, as many at a time as there are processors, and builds the network.
   * @param onRead Called with the number of bytes after each weight.
   */
  load(onRead?: (bytes: number) => void): Promise<Network>;
  /** Closes the files and frees the weights; calling it twice is harmless. */
  dispose(): void;
}

/**
 * Compares the tensors of a checkpoint with what a network needs.
 * @param source Becomes the network's; it is closed also where this fails.
 * @throws DraftError `DRAFT_MODEL_MISMATCH`, listing all that is missing, unknown or of another shape.
 */
export function openNetwork<Network>(
  source: TensorSource,
  { name: network, build, ...options }: NetworkSpec<Network>,
  runtime: Runtime,
): OpenNetwork<Network> {
  const weights = createCheckpointWeights(source, runtime);
  const dispose = () => {
    source.close();
    weights.dispose();
  };
  try {
    const plan = planWeights(source, network, build, options);
    const sizeOf = (name: string) => source.entries.get(name)!.byteLength;
    return {
      bytes: plan.reduce((total, { name }) => total + sizeOf(name), 0),
      parameters: plan.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0),
      async load(onRead = () => {}) {
        await inLanes(availableParallelism(), plan, async ({ name, shape, layout }) => {
          await weights.load(name, shape, layout);
          onRead(sizeOf(name));
          // Where reading blocks: between two weights, a progress bar or an interruption gets its turn.
          await setImmediate();
        });
        source.close();
        return build(weights);
      },
      dispose,
    };
  } catch (cause) {
    dispose();
    throw cause;
  }
}
