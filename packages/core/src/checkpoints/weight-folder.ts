import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DraftError } from '../errors/draft-error.js';
import { openCheckpoint } from './open-checkpoint.js';
import type { TensorSource } from './tensor-source.js';

/** Variants that stand in where a folder lacks the plain files, best first. */
const variants = ['fp16', 'bf16'] as const;

const weightFile = /\.(safetensors|bin|ckpt|pt|pth|msgpack|h5|onnx|gguf)$/;

/**
 * Names that a component's weights may have, best first: safetensors, then PyTorch's own files; the plain ones, then half
 * precision; whole, then in several behind an index.
 * @param stem `diffusion_pytorch_model` or `model`.
 */
export function weightFileNames(stem: string): readonly string[] {
  const pytorch = stem === 'model' ? 'pytorch_model' : stem;
  return [`${stem}.safetensors`, `${pytorch}.bin`].flatMap((file) => [
    file,
    `${file}.index.json`,
    ...variants.flatMap((variant) => {
      const half = file.replace(/\.\w+$/, `.${variant}$&`);
      // The index has been named in both ways by transformers and diffusers.
      return [half, `${file}.index.${variant}.json`, `${half}.index.json`];
    }),
  ]);
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
