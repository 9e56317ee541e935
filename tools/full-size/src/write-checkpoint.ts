import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TensorToStore, writeSafetensors } from '@draft/core';
import type { CheckpointConfigs } from '@draft/model-stable-diffusion';
import { publishedTokenizerFiles } from '../../../packages/models-clip/src/tokenizer/published-tokenizer.js';
import type { ComponentName } from '../../../packages/models-stable-diffusion/src/checkpoint/checkpoint-parts.js';
import { unetNames } from '../../../packages/models-stable-diffusion/src/single-file/unet-names.js';
import { vaeNames } from '../../../packages/models-stable-diffusion/src/single-file/vae-names.js';
import type { StoredWeight } from './plan-checkpoint.js';

type Plan = ReadonlyMap<ComponentName, readonly StoredWeight[]>;
type Random = (count: number) => Uint8Array;

const countOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

const toStore = (shape: readonly number[], random: Random): TensorToStore => ({
  dtype: 'F16',
  shape,
  data: () => random(countOf(shape)),
});

/** open_clip's tensors of a text encoder with projection. */
function openClip(weights: readonly StoredWeight[]): readonly StoredWeight[] {
  return weights.flatMap(({ name, shape }): readonly StoredWeight[] => {
    if (/self_attn\.[kv]_proj\./.test(name)) return [];
    const stored = name
      .replace('text_model.embeddings.token_embedding.', 'token_embedding.')
      .replace('text_model.embeddings.position_embedding.weight', 'positional_embedding')
      .replace('text_model.encoder.layers.', 'transformer.resblocks.')
      .replace('text_model.final_layer_norm.', 'ln_final.')
      .replace('text_projection.weight', 'text_projection')
      .replace('.layer_norm1.', '.ln_1.')
      .replace('.layer_norm2.', '.ln_2.')
      .replace('.mlp.fc1.', '.mlp.c_fc.')
      .replace('.mlp.fc2.', '.mlp.c_proj.')
      .replace(/\.self_attn\.q_proj\.(weight|bias)$/, '.attn.in_proj_$1')
      .replace('.self_attn.', '.attn.');
    const [first = 1, ...rest] = shape;
    return [{ name: stored, shape: stored.includes('.in_proj_') ? [3 * first, ...rest] : shape }];
  });
}

/** Writes the single file of the original code. */
export function writeSingle(path: string, configs: CheckpointConfigs, plan: Plan, random: Random): number {
  const unet = unetNames(configs.unet);
  const vae = vaeNames(configs.vae);
  const large = configs.second !== null;
  const text = large ? 'conditioner.embedders.0.transformer.' : 'cond_stage_model.transformer.';
  const tensors = new Map<string, TensorToStore>();
  const add = (name: string, shape: readonly number[]) => tensors.set(name, toStore(shape, random));
  for (const { name, shape } of plan.get('unet')!)
    add(`model.diffusion_model.${unet.toOriginal(name)}`, shape);
  for (const { name, shape } of plan.get('vae')!) {
    const square = name.includes('.attentions.') && shape.length === 2;
    add(`first_stage_model.${vae.toOriginal(name)}`, square ? [...shape, 1, 1] : shape);
  }
  for (const { name, shape } of plan.get('text_encoder')!) add(text + name, shape);
  for (const { name, shape } of openClip(plan.get('text_encoder_2') ?? [])) {
    add(`conditioner.embedders.1.model.${name}`, shape);
  }
  writeSafetensors(path, tensors, { format: 'pt' });
  return tensors.size;
}

const textJson = {
  bos_token_id: 0,
  eos_token_id: 2,
  pad_token_id: 1,
  max_position_embeddings: 77,
  vocab_size: 49408,
};

/** Writes a folder in diffusers layout from the miniature fixtures' schedule and the published configurations. */
export function writeFolder(
  folder: string,
  configs: CheckpointConfigs,
  plan: Plan,
  random: Random,
  scheduler: string,
): number {
  const json = (path: string, value: unknown) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), JSON.stringify(value));
  };
  const { unet, vae } = configs;
  const large = configs.second !== null;
  json('model_index.json', {
    _class_name: large ? 'StableDiffusionXLPipeline' : 'StableDiffusionPipeline',
    text_encoder: ['transformers', 'CLIPTextModel'],
    tokenizer: ['transformers', 'CLIPTokenizer'],
    ...(large
      ? {
          text_encoder_2: ['transformers', 'CLIPTextModelWithProjection'],
          tokenizer_2: ['transformers', 'CLIPTokenizer'],
        }
      : {}),
    unet: ['diffusers', 'UNet2DConditionModel'],
    vae: ['diffusers', 'AutoencoderKL'],
  });
  const types = (attention: readonly boolean[], side: 'Down' | 'Up') =>
    attention.map((has) => `${has ? 'CrossAttn' : ''}${side}Block2D`);
  json('unet/config.json', {
    sample_size: unet.sampleSize,
    attention_head_dim: unet.heads,
    block_out_channels: unet.blockOutChannels,
    cross_attention_dim: unet.crossAttentionWidth,
    down_block_types: types(unet.downAttention, 'Down'),
    up_block_types: types(unet.upAttention, 'Up'),
    transformer_layers_per_block: unet.transformerLayers,
    use_linear_projection: unet.linearProjection,
    ...(unet.addedEmbedding
      ? {
          addition_embed_type: 'text_time',
          addition_time_embed_dim: unet.addedEmbedding.sizeWidth,
          projection_class_embeddings_input_dim:
            unet.addedEmbedding.pooledWidth + 6 * unet.addedEmbedding.sizeWidth,
        }
      : {}),
  });
  json('vae/config.json', {
    block_out_channels: vae.blockOutChannels,
    layers_per_block: vae.layersPerBlock,
    down_block_types: vae.blockOutChannels.map(() => 'DownEncoderBlock2D'),
    up_block_types: vae.blockOutChannels.map(() => 'UpDecoderBlock2D'),
    scaling_factor: vae.scalingFactor,
  });
  for (const [suffix, encoder] of [
    ['', configs],
    ['_2', configs.second],
  ] as const) {
    if (!encoder) continue;
    json(`text_encoder${suffix}/config.json`, {
      ...textJson,
      hidden_size: encoder.text.width,
      intermediate_size: encoder.text.innerWidth,
      num_hidden_layers: encoder.text.layers,
      num_attention_heads: encoder.text.heads,
      hidden_act: encoder.text.activation,
      projection_dim: encoder.text.projectionWidth,
    });
    const { vocabulary, merges } = publishedTokenizerFiles();
    json(`tokenizer${suffix}/vocab.json`, vocabulary);
    writeFileSync(join(folder, `tokenizer${suffix}/merges.txt`), merges as string);
  }
  mkdirSync(join(folder, 'scheduler'), { recursive: true });
  cpSync(scheduler, join(folder, 'scheduler/scheduler_config.json'));
  let count = 0;
  for (const [component, weights] of plan) {
    const tensors = new Map(weights.map(({ name, shape }) => [name, toStore(shape, random)]));
    if (component === 'text_encoder' && !large) {
      tensors.set('text_model.embeddings.position_ids', {
        dtype: 'I64',
        shape: [1, 77],
        data: new Uint8Array(8 * 77),
      });
    }
    const stem = component.startsWith('text') ? 'model' : 'diffusion_pytorch_model';
    writeSafetensors(join(folder, component, `${stem}.fp16.safetensors`), tensors, { format: 'pt' });
    count += tensors.size;
  }
  return count;
}
