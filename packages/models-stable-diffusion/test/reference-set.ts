import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  readSafetensors,
  type StoredTensor,
  type Tensor,
  tf,
  type WeightLayout,
  type Weights,
} from '@draft/core';

/** Weights from a file, which can be looked at and replaced. */
export interface ReferenceWeights extends Weights {
  /** Every weight that was asked for, with the layout that it was asked for in. */
  readonly taken: ReadonlyMap<string, { readonly tensor: Tensor; readonly layout: WeightLayout }>;
}

/** A pipeline with random weights and what diffusers computed with it. */
export interface ReferenceSet {
  readonly unetConfig: unknown;
  readonly vaeConfig: unknown;
  unetWeights(): ReferenceWeights;
  vaeWeights(): ReferenceWeights;
  /** A reference tensor; images are turned from NCHW to NHWC. */
  tensor(name: string): Tensor;
  /** Names that begin so. */
  names(prefix: string): readonly string[];
  /** The LoRA's `A` and `B` by layer name. */
  readonly lora: ReadonlyMap<string, { readonly down: Tensor; readonly up: Tensor }>;
}

/** PyTorch's order of axes to ours, for images and for convolutions. */
export const toHwc = (x: Tensor): Tensor => tf.transpose(x, [0, 2, 3, 1]);
const toHwio = (x: Tensor): Tensor => tf.transpose(x, [2, 3, 1, 0]);

/** A stored tensor in the layout that a network asks for. */
export function inLayout(x: Tensor, layout: WeightLayout): Tensor {
  if (layout === 'convolution') return toHwio(x);
  return layout === 'pointwise' ? tf.reshape(x, x.shape.slice(0, 2)) : x;
}

const toTensor = ({ data, shape }: StoredTensor): Tensor => tf.tensor(data, [...shape], 'float32');

function createFileWeights(path: string): ReferenceWeights {
  const { tensors } = readSafetensors(path);
  const taken = new Map<string, { tensor: Tensor; layout: WeightLayout }>();
  return {
    taken,
    has: (name) => tensors.has(name),
    get(name, shape, layout) {
      const stored = tensors.get(name);
      if (!stored) throw new Error(`the fixture has no ${name}`);
      const tensor = inLayout(toTensor(stored), layout);
      if (tensor.shape.join() !== shape.join())
        throw new Error(`${name} is [${tensor.shape}], not [${shape}]`);
      taken.set(name, { tensor, layout });
      return tensor;
    },
  };
}

/** Opens one folder under `fixtures`. */
export function openReferenceSet(name: string): ReferenceSet {
  const at = (path: string) => fileURLToPath(new URL(`fixtures/${name}/${path}`, import.meta.url));
  const readJson = (path: string): unknown => JSON.parse(readFileSync(at(path), 'utf8'));
  const { tensors } = readSafetensors(at('components.safetensors'));
  const adapters = readSafetensors(at('lora/pytorch_lora_weights.safetensors')).tensors;
  const lora = new Map<string, { down: Tensor; up: Tensor }>();
  for (const key of adapters.keys()) {
    const layer = /^unet\.(.+)\.lora_A\.weight$/.exec(key)?.[1];
    if (!layer) continue;
    const part = (letter: string) => toTensor(adapters.get(`unet.${layer}.lora_${letter}.weight`)!);
    lora.set(layer, { down: part('A'), up: part('B') });
  }
  return {
    unetConfig: readJson('pipeline/unet/config.json'),
    vaeConfig: readJson('pipeline/vae/config.json'),
    unetWeights: () => createFileWeights(at('pipeline/unet/diffusion_pytorch_model.safetensors')),
    vaeWeights: () => createFileWeights(at('pipeline/vae/diffusion_pytorch_model.safetensors')),
    tensor(key) {
      const stored = tensors.get(key);
      if (!stored) throw new Error(`the fixture has no ${key}`);
      const tensor = toTensor(stored);
      return tensor.rank === 4 && !key.includes('.grad.') ? toHwc(tensor) : tensor;
    },
    names: (prefix) => [...tensors.keys()].filter((key) => key.startsWith(prefix)),
    lora,
  };
}
