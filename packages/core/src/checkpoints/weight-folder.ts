import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DraftError } from '../errors/draft-error.js';
import { openCheckpoint } from './open-checkpoint.js';
import type { TensorSource } from './tensor-source.js';

/** Variants that stand in where a folder lacks the plain files, best first. */
const variants = ['fp16', 'bf16'] as const;

const weightFile = /\.(safetensors|bin|ckpt|pt|pth|msgpack|h5|onnx|gguf)$/;

/**
 * Names that a component's weights may have, best first: safetensors, then PyTorch's own files; whole, then in
 * several behind an index; the plain ones, then half precision.
 * @param stem `diffusion_pytorch_model` or `model`.
 */
export function weightFileNames(stem: string): readonly string[] {
  const pytorch = stem === 'model' ? 'pytorch_model' : stem;
  return [
    `${stem}.safetensors`,
    `${stem}.safetensors.index.json`,
    ...variants.flatMap((variant) => [
      `${stem}.${variant}.safetensors`,
      `${stem}.safetensors.index.${variant}.json`,
      `${stem}.${variant}.safetensors.index.json`,
    ]),
    `${pytorch}.bin`,
    `${pytorch}.bin.index.json`,
    ...variants.map((variant) => `${pytorch}.${variant}.bin`),
  ];
}

/**
 * Opens the weights of a component's folder, the best that is there of `weightFileNames`.
 * @throws DraftError `DRAFT_MODEL_INVALID` where there are none, and as `openCheckpoint` does.
 */
export function openWeightFolder(folder: string, stem: string): TensorSource {
  const found = weightFileNames(stem).find((name) => existsSync(join(folder, name)));
  if (found) return openCheckpoint(join(folder, found));
  const other = existsSync(folder) ? readdirSync(folder).find((name) => weightFile.test(name)) : undefined;
  throw new DraftError(
    'DRAFT_MODEL_INVALID',
    `The checkpoint's ${basename(folder)} folder, ${folder}, holds no ${stem}.safetensors${
      other ? `, only ${other}; rename or convert it` : '; download it whole'
    }.`,
  );
}
