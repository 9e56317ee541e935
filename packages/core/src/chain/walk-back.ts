import type { TensorRecord } from '../contracts/runtime.js';
import { inPhase } from '../runtime/profile/phases.js';
import type { Tensor4D } from '../runtime/tf.js';
import { type Cotangent, disposeCotangent, noiseCotangent, previousCotangent } from './adjoint.js';
import type { DenoisingChain } from './denoising-chain.js';
import type { KeptStep } from './kept-chain.js';

/** Where a walk begins and ends. */
export interface Walk {
  /** In front of the step before `from`; disposed of. */
  readonly cotangent: Cotangent;
  /** The first and the last step that are passed, paper numbering upwards. */
  readonly from: number;
  readonly to: number;
  readonly steps: ReadonlyMap<number, KeptStep>;
}

/**
 * Carries the gradient back through the steps before the last one.
 * @param onGradients Is given each step's gradients in what is trained, and owns them.
 */
export const walkBack = async (
  chain: DenoisingChain,
  { cotangent: first, from, to, steps }: Walk,
  onGradients: (t: number, gradients: TensorRecord) => void,
): Promise<void> => {
  let cotangent = first;
  for (let t = from; t <= to; t++) {
    const step = chain.step(t);
    const kept = steps.get(t);
    const onNoise = kept && noiseCotangent(step, cotangent);
    let through: Tensor4D | undefined;
    if (kept && onNoise) {
      const product = await inPhase('gradient of a step', `step ${t}`, () => kept.gradients(onNoise));
      const { input, ...gradients } = product;
      through = input as Tensor4D | undefined;
      onGradients(t, gradients as TensorRecord);
    }
    const before = cotangent;
    cotangent = previousCotangent(step, before, through);
    disposeCotangent(before);
    onNoise?.dispose();
    through?.dispose();
  }
  disposeCotangent(cotangent);
};
