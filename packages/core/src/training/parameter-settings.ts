import { samplingNames } from '../sampling/sampling-record.js';
import type { ParameterSettings } from './adamw.js';

/**
 * How many times faster than the LoRA guidance weights learn, as in DRaFT: one number each has to move by as much as its own
 * size, where many numbers of a LoRA move a little together.
 */
export const guidanceRate = 50;

/** How AdamW treats a trained parameter. What guides sampling has no reason to be zero, so it does not decay. */
export const parameterSettings = (name: string): ParameterSettings => {
  if (name === samplingNames.guidance) return { rate: guidanceRate, decays: false };
  return name === samplingNames.negative ? { decays: false } : {};
};
