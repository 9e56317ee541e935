import type { Runtime, TensorRecord } from '../contracts/runtime.js';
import { inPhase } from '../runtime/profile/phases.js';
import { type Tensor, tf } from '../runtime/tf.js';
import { type AdamwState, createAdamw } from './adamw.js';
import { clippingFactor, gradientNorm } from './gradient-norm.js';
import { parameterSettings } from './parameter-settings.js';
import type { TrainerParameters } from './trainer-parameters.js';

/** How parameters are updated. */
export interface UpdateOptions {
  /** Pictures whose gradients are summed up in one update. */
  readonly pictures: number;
  readonly weightDecay: number;
  /** Largest norm of the mean gradient; 0 does not clip. */
  readonly clip: number;
}

/** The updates of an iteration, which are kept or undone together. */
export interface ParameterUpdates {
  /** Begins an iteration: parameters and moments as they are now are what `rollback` returns to. */
  begin(): void;
  /**
   * One update that raises the reward.
   * @param gradients Sums over the pictures; they stay the caller's.
   * @param checked Throws where the norm will not do.
   * @returns Norm of the mean gradient before clipping.
   */
  update(gradients: TensorRecord, learningRate: number, checked: (norm: number) => void): Promise<number>;
  /** Keeps what was updated. */
  commit(): void;
  /** Undoes what was updated. */
  rollback(): void;
  /** As the optimiser's. */
  state(): AdamwState;
  /** Goes on from a saved state, whose tensors are copied. */
  restore(state: AdamwState): void;
  dispose(): void;
}

/** Updates parameters with AdamW. */
export const createParameterUpdates = (
  runtime: Runtime,
  parameters: TrainerParameters,
  { pictures, weightDecay, clip }: UpdateOptions,
): ParameterUpdates => {
  const optimiser = createAdamw(runtime, { weightDecay, settingsOf: parameterSettings });
  const compiled = runtime.compile('gradient-norm', (gradients: TensorRecord) => ({
    norm: gradientNorm(gradients) as Tensor,
  }));
  const normOf = (gradients: TensorRecord): Promise<number> =>
    inPhase('gradient norm', undefined, async () => {
      const { norm } = await compiled(gradients);
      const [length] = norm.dataSync();
      norm.dispose();
      return length as number;
    });
  let before: Record<string, Tensor> | undefined;
  return {
    begin() {
      before = parameters.learnt();
      optimiser.mark();
    },
    async update(gradients, learningRate, checked) {
      const norm = (await normOf(gradients)) / pictures;
      checked(norm);
      const current = parameters.learnt();
      // The reward is maximised, the optimiser minimises.
      const gradientScale = -clippingFactor(norm, clip) / pictures;
      const updated = await optimiser.update(current, gradients, { learningRate, gradientScale });
      if (current !== before) tf.dispose(current);
      parameters.replace(updated);
      return norm;
    },
    commit() {
      if (before && before !== parameters.learnt()) tf.dispose(before);
      before = undefined;
      optimiser.mark();
    },
    rollback() {
      if (!before) return;
      if (before !== parameters.learnt()) tf.dispose(parameters.learnt());
      parameters.replace(before);
      before = undefined;
      optimiser.rollback();
    },
    state: optimiser.state,
    restore: optimiser.restore,
    dispose() {
      compiled.dispose();
      optimiser.dispose();
    },
  };
};
