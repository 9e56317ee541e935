import type { SamplerTable } from '@draft/core';

/** Runs a table on one number: `predict` and `noise` get the index of the step. */
export const runChain = (
  table: SamplerTable,
  start: number,
  predict: (index: number, state: number) => number,
  noise: (index: number) => number = () => 0,
): number[] => {
  let state = start;
  let before = 0;
  return table.steps.map((step, index) => {
    const epsilon = predict(index, step.inputScale * state);
    const clean = step.p * state + step.q * epsilon;
    state = step.a * state + step.b * epsilon + step.h * before + step.c * noise(index);
    before = clean;
    return state;
  });
};
