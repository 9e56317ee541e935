import type { Adapters } from '../contracts/diffusion-model.js';
import type { TensorRecord } from '../contracts/runtime.js';
import { type TrainedPart, trainedParts } from '../contracts/trained-parts.js';
import { samplingNames } from '../sampling/sampling-record.js';
import { adapterRecord } from './adapter-record.js';

/**
 * The arguments of a taped call that get a gradient, by name.
 * @param record Those that it has.
 * @param train What is trained, of what is there. @default all of it
 */
export const trainedNames = (
  adapters: Adapters,
  record: TensorRecord,
  train: readonly TrainedPart[] = trainedParts,
): readonly string[] => [
  ...(train.includes('lora') ? Object.keys(adapterRecord(adapters)) : []),
  ...(['guidance', 'negative'] as const)
    .filter((part) => train.includes(part) && record[samplingNames[part]] !== undefined)
    .map((part) => samplingNames[part]),
];

/** Whether a result of a taped call is the gradient of a parameter. */
export const isParameter = (name: string): boolean => /^(lora|sampling)\./.test(name);
