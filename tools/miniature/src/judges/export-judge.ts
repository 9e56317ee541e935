import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TensorToStore, writeFileAtomically, writeSafetensors } from '@draft/core';
import { stored } from '../pretrain/export-model.js';
import type { Parameter } from '../pretrain/parameters.js';

/** Writes `model.safetensors` in float16 and the JSON files beside it. */
export const writeJudge = (
  folder: string,
  tensors: Readonly<Record<string, TensorToStore>>,
  json: Readonly<Record<string, object>>,
): void => {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(json)) {
    writeFileAtomically(join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
  }
  writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' });
};

/** Trained weights as they are stored, each under the name that `rename` gives it. */
export const storedWeights = (
  parameters: readonly Parameter[],
  values: Float32Array,
  rename: (name: string) => string = (name) => name,
): Record<string, TensorToStore> =>
  Object.fromEntries(parameters.map((parameter) => [rename(parameter.name), stored(parameter, values)]));

/** Puts the miniature's tokenizer beside a judge's weights. */
export const copyTokenizer = (from: string, to: string): void => {
  for (const name of ['vocab.json', 'merges.txt', 'tokenizer_config.json', 'special_tokens_map.json']) {
    copyFileSync(join(from, name), join(to, name));
  }
};
