import { readFileSync } from 'node:fs';
import { type Adapters, readSafetensors, type Sampler, type Tensor, tf } from '@draft/core';
import ddim from '@draft/sampler-ddim';
import ddpm from '@draft/sampler-ddpm';
import dpmpp from '@draft/sampler-dpmpp';
import euler from '@draft/sampler-euler';
import lcm from '@draft/sampler-lcm';
import type { ReferenceSet } from '../reference-set.js';
import { fixturePath } from './checkpoint-folder.js';

/** A sampling run of diffusers' own pipeline. */
export interface Run {
  readonly name: string;
  readonly sampler: 'ddim' | 'ddpm' | 'dpmpp' | 'euler' | 'euler-ancestral' | 'lcm';
  readonly eta?: number;
  readonly options?: { readonly timestep_spacing?: 'trailing' };
  readonly steps: number;
  readonly guidance: number;
  /** Scale of the LoRA; absent without. */
  readonly lora?: number;
  readonly negative?: string;
  readonly prompts: readonly string[];
  readonly height: number;
  readonly width: number;
}

/** The runs of a set of fixtures. */
export const runsOf = (set: string): readonly Run[] =>
  (JSON.parse(readFileSync(fixturePath(`${set}/chains.json`), 'utf8')) as { cases: Run[] }).cases;

/** What was recorded of a set's runs: `stored(run, 'latents')`, as it stands, and whether there is such a thing. */
export const openChains = (set: string) => {
  const { tensors } = readSafetensors(fixturePath(`${set}/chains.safetensors`));
  return {
    has: ({ name }: Run, key: string): boolean => tensors.has(`${name}.${key}`),
    stored({ name }: Run, key: string): Tensor {
      const { data, shape } = tensors.get(`${name}.${key}`)!;
      return tf.tensor(data, [...shape]);
    },
  };
};

/** Our sampler for a run. */
export const samplerOf = ({ sampler, eta = 0, options }: Run): Sampler => {
  const spacing = options?.timestep_spacing;
  if (sampler === 'ddim') return ddim.create({ eta, spacing });
  if (sampler === 'ddpm') return ddpm.create({});
  if (sampler === 'lcm') return lcm.create({ originalSteps: 50 });
  return sampler === 'dpmpp'
    ? dpmpp.create({ karras: false })
    : euler.create({ spacing, ancestral: sampler === 'euler-ancestral' });
};

/** The LoRA of a set at a scale. */
export const adaptersAt = (reference: ReferenceSet, scale: number): Adapters =>
  new Map([...reference.lora].map(([name, { down, up }]) => [name, [{ down, up, scale }]]));
