import { setImmediate } from 'node:timers/promises';
import type { Runtime, Weights } from '@draft/core';
import { createCheckpointWeights } from './checkpoint-weights.js';
import { planWeights } from './weight-plan.js';
import { openWeightSource } from './weight-source.js';

/** Where a component stands, and how it is built. */
export interface ComponentSpec<Network> {
  /** How messages call it, for example `unet`. */
  readonly name: string;
  readonly folder: string;
  /** Name of its weights' file, without variant and ending. */
  readonly stem: string;
  readonly build: (weights: Weights) => Network;
}

/** A component whose checkpoint fits its network; no number has been read yet. */
export interface Component<Network> {
  /** Bytes that `load` reads. */
  readonly bytes: number;
  /** Numbers that the network consists of. */
  readonly parameters: number;
  /**
   * Reads the weights and builds the network.
   * @param onRead Called with the number of bytes after each weight.
   */
  load(onRead: (bytes: number) => void): Promise<Network>;
  /** Closes the files and frees the weights; calling it twice is harmless. */
  dispose(): void;
}

/**
 * Opens a component's files and compares them with what its network needs.
 * @throws DraftError as `openWeightSource` and `planWeights` do.
 */
export async function openComponent<Network>(
  { name: component, folder, stem, build }: ComponentSpec<Network>,
  runtime: Runtime,
): Promise<Component<Network>> {
  const source = await openWeightSource(folder, stem);
  const weights = createCheckpointWeights(source, runtime);
  const dispose = () => {
    source.close();
    weights.dispose();
  };
  try {
    const plan = planWeights(source, component, build);
    const sizeOf = (name: string) => source.entries.get(name)!.byteLength;
    return {
      bytes: plan.reduce((total, { name }) => total + sizeOf(name), 0),
      parameters: plan.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0),
      async load(onRead) {
        for (const { name, shape, layout } of plan) {
          weights.get(name, shape, layout);
          onRead(sizeOf(name));
          // Reading blocks: between two weights, a progress bar or an interruption gets its turn.
          await setImmediate();
        }
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
