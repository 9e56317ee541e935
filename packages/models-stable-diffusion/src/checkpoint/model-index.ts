import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DraftError, readJson } from '@draft/core';

const layout =
  'a folder in diffusers layout is needed, with model_index.json, unet, vae, text_encoder, tokenizer and scheduler';

/** What a pipeline's model is built like. */
export type PipelineFamily = 'sd' | 'sdxl';

/** What `model_index.json` says besides the classes. */
export interface PipelineIndex {
  readonly family: PipelineFamily;
  /** Whether zeros stand for the empty prompt, as in SDXL. */
  readonly zeroEmptyPrompt: boolean;
}

/** Pipelines whose folders hold a text-to-image model of Stable Diffusion. */
const pipelines: Readonly<Record<string, PipelineFamily>> = {
  StableDiffusionPipeline: 'sd',
  StableDiffusionImg2ImgPipeline: 'sd',
  LatentConsistencyModelPipeline: 'sd',
  StableDiffusionXLPipeline: 'sdxl',
  StableDiffusionXLImg2ImgPipeline: 'sdxl',
};

const common = {
  unet: ['UNet2DConditionModel'],
  vae: ['AutoencoderKL'],
  text_encoder: ['CLIPTextModel'],
  tokenizer: ['CLIPTokenizer', 'CLIPTokenizerFast'],
} as const;

/** Whether a pipeline of this class is loaded. */
export const isKnownPipeline = (name: string | null): boolean =>
  name !== null && Object.hasOwn(pipelines, name);

/** The classes that the parts of such a pipeline may have. */
const parts: Readonly<Record<PipelineFamily, Readonly<Record<string, readonly string[]>>>> = {
  sd: common,
  sdxl: {
    ...common,
    text_encoder_2: ['CLIPTextModelWithProjection'],
    tokenizer_2: common.tokenizer,
  },
};

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The pipeline's class in `model_index.json`, or null where the path is no folder that has one. */
export async function pipelineClass(path: string): Promise<string | null> {
  try {
    const index = await readJson(join(path, 'model_index.json'));
    return isFields(index) && typeof index._class_name === 'string' ? index._class_name : null;
  } catch {
    return null;
  }
}

async function requireFolder(path: string): Promise<void> {
  const kind = await stat(path).then(
    (status) => (status.isDirectory() ? 'folder' : 'file'),
    () => null,
  );
  if (kind === null) throw new DraftError('DRAFT_MODEL_NOT_FOUND', `There is no folder ${path}: ${layout}.`);
  const has = (name: string) =>
    stat(join(path, name)).then(
      () => true,
      () => false,
    );
  if (kind === 'file') throw new DraftError('DRAFT_MODEL_INVALID', `${path} is a file: ${layout}.`);
  if (!(await has('model_index.json'))) {
    throw new DraftError(
      'DRAFT_MODEL_INVALID',
      `${path} holds no model_index.json and is no checkpoint: ${layout}.`,
    );
  }
}

/**
 * Makes sure that a folder holds a pipeline that this package can load, and tells which.
 * @throws DraftError `DRAFT_MODEL_NOT_FOUND`, `DRAFT_MODEL_INVALID`, or `DRAFT_MODEL_UNSUPPORTED` for a pipeline of
 * another architecture.
 */
export async function requirePipeline(path: string): Promise<PipelineIndex> {
  await requireFolder(path);
  const index = await readJson(join(path, 'model_index.json'));
  const name = isFields(index) ? index._class_name : undefined;
  if (!isFields(index) || typeof name !== 'string') {
    throw new DraftError(
      'DRAFT_MODEL_INVALID',
      `${join(path, 'model_index.json')} names no pipeline: ${layout}.`,
    );
  }
  const family = Object.hasOwn(pipelines, name) ? pipelines[name] : undefined;
  if (family === undefined) {
    throw new DraftError(
      'DRAFT_MODEL_UNSUPPORTED',
      `${path} holds a ${name}, but only StableDiffusionPipeline, LatentConsistencyModelPipeline and ` +
        'StableDiffusionXLPipeline (text to image) can be loaded.',
    );
  }
  for (const [part, supported] of Object.entries(parts[family])) {
    const entry: unknown = index[part];
    const found: unknown = Array.isArray(entry) ? entry[1] : undefined;
    if (!supported.includes(found as string)) {
      throw new DraftError(
        'DRAFT_MODEL_UNSUPPORTED',
        `${join(path, 'model_index.json')} says that the ${part} is ${JSON.stringify(found ?? null)}, ` +
          `but only ${supported.join(' and ')} can be loaded.`,
      );
    }
  }
  return { family, zeroEmptyPrompt: family === 'sdxl' && index.force_zeros_for_empty_prompt !== false };
}
