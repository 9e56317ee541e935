import { DraftError } from '@draft/core';
import { z } from 'zod';

const options = z.strictObject({
  stride: z.int().min(1).default(2).describe('Every how many steps one learns.'),
});

/**
 * Makes the policy: from a random start, every `stride`-th step learns. The network's input is detached, as in
 * DRTune, so that a step costs the same wherever it is.
 * @param {z.output<typeof options>} options
 * @returns {import('@draft/core').GradientPolicy}
 */
export const createEveryOther = ({ stride }) => ({
  validate(steps) {
    if (stride <= steps) return;
    throw new DraftError(
      'DRAFT_PLAN_INVALID',
      `The option stride of every-other is ${stride}, but there are only ${steps} steps: make it smaller.`,
    );
  },
  plan({ steps, random }) {
    const start = random.child('start').integer(1, stride);
    const count = Math.floor((steps - start) / stride) + 1;
    const train = Array.from({ length: count }, (_, i) => start + (count - 1 - i) * stride);
    return { steps, train, stop: 0, detachInput: true, cutState: null, copies: 0 };
  },
});

/** @type {import('@draft/core').AlgorithmPlugin<z.output<typeof options>>} */
export default {
  specVersion: 1,
  kind: 'algorithm',
  name: 'every-other',
  description: 'Trains every second sampling step, or every third.',
  options,
  create: createEveryOther,
};
