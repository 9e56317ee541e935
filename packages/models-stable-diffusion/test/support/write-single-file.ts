import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSafetensors, type SafetensorsFile, type TensorToStore, writeSafetensors } from '@draft/core';
import { openClipTextName, originalUnetName, originalVaeName } from './original-names.js';

/** A fixture's unet as its `config.json` has it. */
interface UnetJson {
  readonly layers_per_block: number;
  readonly up_block_types: readonly string[];
}

const bytesOf = (file: SafetensorsFile, name: string): TensorToStore => {
  const { dtype, shape } = file.entries.get(name)!;
  return { dtype, shape, data: file.read(name) };
};

/** Joins rows of equal tensors, as open_clip has queries, keys and values. */
const joined = (parts: readonly TensorToStore[]): TensorToStore => {
  const [{ dtype, shape }] = parts as [TensorToStore];
  const data = Buffer.concat(parts.map((part) => part.data as Uint8Array));
  return { dtype: dtype!, shape: [3 * shape[0]!, ...shape.slice(1)], data: new Uint8Array(data) };
};

const transposed = ({ dtype, shape, data }: TensorToStore): TensorToStore => {
  const [rows, columns] = shape as [number, number];
  const bytes = data as Uint8Array;
  const size = bytes.length / (rows * columns);
  const result = new Uint8Array(bytes.length);
  for (let i = 0; i < rows * columns; i += 1) {
    const to = (i % columns) * rows + Math.floor(i / columns);
    result.set(bytes.subarray(i * size, (i + 1) * size), to * size);
  }
  return { dtype: dtype!, shape: [columns, rows], data: result };
};

function openClipText(file: SafetensorsFile): Map<string, TensorToStore> {
  const tensors = new Map<string, TensorToStore>();
  for (const name of file.entries.keys()) {
    const split = /^(.*\.self_attn\.)q_proj\.(weight|bias)$/.exec(name);
    if (split) {
      const parts = ['q', 'k', 'v'].map((part) => bytesOf(file, `${split[1]}${part}_proj.${split[2]}`));
      tensors.set(`${openClipTextName(split[1]!)}in_proj_${split[2]}`, joined(parts));
    } else if (name === 'text_projection.weight') {
      tensors.set('text_projection', transposed(bytesOf(file, name)));
    } else if (!/self_attn\.[kv]_proj/.test(name)) tensors.set(openClipTextName(name), bytesOf(file, name));
  }
  return tensors;
}

/** The tensors of a folder in diffusers layout under the names that a single file has. */
export function singleFileTensors(folder: string): Map<string, TensorToStore> {
  const open = (path: string) => openSafetensors(join(folder, path));
  const unetJson = JSON.parse(readFileSync(join(folder, 'unet/config.json'), 'utf8')) as UnetJson;
  const vaeJson = JSON.parse(readFileSync(join(folder, 'vae/config.json'), 'utf8')) as {
    readonly block_out_channels: readonly number[];
  };
  const tensors = new Map<string, TensorToStore>();
  const unet = open('unet/diffusion_pytorch_model.safetensors');
  for (const name of unet.entries.keys()) {
    const original = originalUnetName(name, unetJson.layers_per_block, (level) =>
      unetJson.up_block_types[level]!.startsWith('CrossAttn'),
    );
    tensors.set(`model.diffusion_model.${original}`, bytesOf(unet, name));
  }
  const vae = open('vae/diffusion_pytorch_model.safetensors');
  for (const name of vae.entries.keys()) {
    const tensor = bytesOf(vae, name);
    // The original code has the attention's linear maps as 1×1 convolutions.
    const shape =
      /attentions.*weight$/.test(name) && tensor.shape.length === 2 ? [...tensor.shape, 1, 1] : tensor.shape;
    tensors.set(`first_stage_model.${originalVaeName(name, vaeJson.block_out_channels.length)}`, {
      ...tensor,
      shape,
    });
  }
  const large = 'addition_embed_type' in unetJson && unetJson.addition_embed_type === 'text_time';
  const text = open('text_encoder/model.safetensors');
  const prefix = large ? 'conditioner.embedders.0.transformer.' : 'cond_stage_model.transformer.';
  for (const name of text.entries.keys()) tensors.set(prefix + name, bytesOf(text, name));
  if (large) {
    const second = open('text_encoder_2/model.safetensors');
    for (const [name, tensor] of openClipText(second)) {
      tensors.set(`conditioner.embedders.1.model.${name}`, tensor);
    }
    tensors.set('conditioner.embedders.1.model.logit_scale', { shape: [], data: Float32Array.of(4.6) });
    second.close();
  }
  // What training programs keep beside the weights.
  tensors.set('alphas_cumprod', { shape: [4], data: new Float32Array(4) });
  tensors.set('model_ema.decay', { shape: [], data: Float32Array.of(0.9999) });
  for (const file of [unet, vae, text]) file.close();
  return tensors;
}

/** Writes the single file of a folder's model. */
export const writeSingleFile = (folder: string, path: string): void =>
  writeSafetensors(path, singleFileTensors(folder));
