import { readFileSync } from 'node:fs';
import {
  createRuntime,
  type OpenNetwork,
  openCheckpoint,
  openNetwork,
  openSafetensors,
  type Runtime,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tf,
} from '@draft/core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type ClipConfig,
  type ClipModel,
  clipH14,
  clipL14,
  createClip,
  createImageEmbedder,
  createVisionTower,
  openClipLayout,
  parseClipConfig,
  parseOpenClipConfig,
  parseVisionConfig,
  unitRows,
} from '../src/index.js';
import { difference } from './support/difference.js';
import { fixture, jsonFixture } from './support/fixture.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ backend: 'tensorflow', computeType: 'float32' });
});

const open = (name: string): { readonly config: ClipConfig; readonly network: OpenNetwork<ClipModel> } => {
  const isOwn = name === 'open-clip';
  const config = isOwn
    ? parseOpenClipConfig(jsonFixture(`${name}/open_clip_config.json`))
    : parseClipConfig(jsonFixture(`${name}/config.json`));
  const file = openCheckpoint(fixture(`${name}/${isOwn ? 'weights.pt' : 'model.safetensors'}`));
  const source = isOwn ? openClipLayout(file) : file;
  return {
    config,
    network: openNetwork(source, { name: 'clip', build: (weights) => createClip(config, weights) }, runtime),
  };
};

function reference(name: string) {
  const file = openSafetensors(fixture(`${name}/reference.safetensors`));
  const floats = (key: string) => new Float32Array(file.read(key).buffer);
  const shape = (key: string) => [...file.entries.get(key)!.shape];
  const channelsLast = (key: string) =>
    tf.tidy(() =>
      tf.transpose(tf.tensor4d(floats(key), shape(key) as [number, number, number, number]), [0, 2, 3, 1]),
    );
  return {
    floats,
    has: (key: string) => file.entries.has(key),
    ids: tf.tensor2d(
      new Int32Array(file.read('input_ids').buffer),
      shape('input_ids') as [number, number],
      'int32',
    ),
    pixels: channelsLast('pixel_values'),
    gradient: channelsLast('grad_pixel_values').dataSync() as Float32Array,
    cotangent: tf.tensor2d(floats('cotangent'), shape('cotangent') as [number, number]),
  };
}

describe.each([
  ['model', 'transformers', 'logits_per_image'],
  ['open-clip', 'open_clip', 'cosines'],
] as const)('the model %s', (name, library, products) => {
  it(`gives ${library}'s embeddings, products and gradients of the image, as a graph`, async () => {
    const { network } = open(name);
    const expected = reference(name);
    const clip = await network.load();
    const held = tf.memory().numTensors;
    const score = (pixels: Tensor4D, ids: Tensor2D): Tensor => {
      const cosines = tf.matMul(
        unitRows(clip.image.embed(pixels)),
        unitRows(clip.text.embed(ids)),
        false,
        true,
      );
      return products === 'cosines' ? cosines : tf.mul(cosines, tf.exp(clip.logitScale));
    };
    const compiled = runtime.compile('clip', ({ pixels, ids, cotangent }: Record<string, Tensor>) => {
      const { value, grad } = tf.valueAndGrad((x: Tensor) =>
        tf.sum(tf.mul(score(x as Tensor4D, ids as Tensor2D), cotangent!)),
      )(pixels!);
      value.dispose();
      return {
        products: score(pixels as Tensor4D, ids as Tensor2D),
        image: clip.image.embed(pixels as Tensor4D),
        text: clip.text.embed(ids as Tensor2D),
        grad,
      };
    });
    const { pixels, ids, cotangent } = expected;
    const results = await compiled({ pixels, ids, cotangent });
    // Float32 on both sides, summed in another order.
    expect(await difference(results.products!, expected.floats(products))).toBeLessThan(1e-5);
    expect(await difference(results.grad!, expected.gradient)).toBeLessThan(1e-5);
    const embeddings = (tensor: Tensor) =>
      name === 'model' ? tf.tidy(() => unitRows(tensor as Tensor2D)) : tensor.clone();
    const units = { image: embeddings(results.image!), text: embeddings(results.text!) };
    expect(await difference(units.image, expected.floats('image_embeds'))).toBeLessThan(1e-5);
    expect(await difference(units.text, expected.floats('text_embeds'))).toBeLessThan(1e-5);
    tf.dispose([results, units]);
    compiled.dispose();
    expect(tf.memory().numTensors).toBe(held);
    network.dispose();
  });

  it('takes every weight of its file, and no other', () => {
    const { network, config } = open(name);
    expect(network.parameters).toBeGreaterThan(0);
    network.dispose();
    expect(() =>
      openNetwork(
        name === 'model'
          ? openCheckpoint(fixture('model/model.safetensors'))
          : openClipLayout(openCheckpoint(fixture('open-clip/weights.pt'))),
        {
          name: 'clip',
          build: (weights) => createClip({ ...config, vision: { ...config.vision, layers: 3 } }, weights),
        },
        runtime,
      ),
    ).toThrow(
      name === 'model'
        ? /16 weights are missing \(vision_model\.encoder\.layers\.2\.layer_norm1\.weight/
        : /16 weights are missing \(visual\.transformer\.resblocks\.2\.ln_1\.weight/,
    );
  });
});

describe('the vision tower', () => {
  it("gives transformers' states and pooled state, also without the prefix", async () => {
    const expected = reference('model');
    const { config } = open('model');
    const file = openCheckpoint(fixture('model/model.safetensors'));
    const strip = (key: string) => key.replace(/^vision_model\./, '');
    const bare = {
      path: file.path,
      entries: new Map([...file.entries].map(([key, entry]) => [strip(key), entry])),
      read: (key: string) => file.read(file.entries.has(key) ? key : `vision_model.${key}`),
      close: file.close,
    };
    const network = openNetwork(
      bare,
      {
        name: 'vision tower',
        build: (weights) => createVisionTower(config.vision, weights),
        spare: (key) => /^text_model|projection/.test(key),
      },
      runtime,
    );
    const tower = await network.load();
    const [states, pooled] = tf.tidy(() => {
      const hidden = tower.hiddenStates(expected.pixels);
      return [hidden, tower.pooled(hidden)];
    });
    expect(await difference(states, expected.floats('vision.last_hidden_state'))).toBeLessThan(1e-5);
    expect(pooled.shape).toEqual([2, config.vision.width]);
    network.dispose();
  });

  it('refuses images of another size', () => {
    const tower = createVisionTower(
      parseVisionConfig({ image_size: 28, patch_size: 14, num_hidden_layers: 1 }),
      {
        has: () => true,
        get: () => tf.scalar(0),
      },
    );
    expect(() => tower.hiddenStates(tf.zeros([1, 32, 28, 3]))).toThrow(/28 × 28, not of 32 × 28/);
  });
});

describe('the published architectures', () => {
  const keys = (file: string) =>
    new Map(
      readFileSync(fixture(`published/${file}`), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split('\t') as [string, string]),
    );

  it.each([
    ['hf_clip_vit_l14.tsv', clipL14],
    ['hf_clip_vit_h14_pickscore.tsv', clipH14],
    ['openclip_vit_h14_hpsv2.tsv', clipH14],
    ['openclip_vit_l14.tsv', clipL14],
  ])('%s: every published key is taken, at its published shape', (file, config) => {
    const published = keys(file);
    const itemCount = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
    const entries = new Map(
      [...published].map(([key, text]) => {
        const shape = text === 'scalar' ? [] : text.split('x').map(Number);
        return [key, { dtype: 'F32' as const, shape, byteLength: 4 * itemCount(shape) }];
      }),
    );
    const source = { path: file, entries, read: () => new Uint8Array(), close: () => {} };
    const network = openNetwork(
      file.startsWith('openclip') ? openClipLayout(source) : source,
      { name: 'clip', build: (weights) => createClip(config, weights) },
      runtime,
    );
    const expected = config === clipH14 ? 986_109_441 : 427_616_513;
    expect(network.parameters).toBe(expected);
    network.dispose();
  });

  it('are those of the configurations in the repositories', () => {
    const text = { hidden_size: 768, intermediate_size: 3072, num_attention_heads: 12, eos_token_id: 2 };
    const vision = {
      hidden_size: 1024,
      intermediate_size: 4096,
      num_attention_heads: 16,
      num_hidden_layers: 24,
    };
    const parsed = parseClipConfig({
      model_type: 'clip',
      projection_dim: 768,
      text_config: { projection_dim: 512 },
      text_config_dict: text,
      vision_config: { ...vision, patch_size: 14 },
      vision_config_dict: null,
    });
    expect(parsed).toEqual(clipL14);
  });
});

it('the vision configuration takes the defaults of transformers', () => {
  expect(parseVisionConfig({})).toEqual({
    width: 768,
    innerWidth: 3072,
    layers: 12,
    heads: 12,
    activation: 'quick_gelu',
    epsilon: 1e-5,
    imageSize: 224,
    patchSize: 32,
    projectionWidth: 512,
  });
});

it.each([
  [() => parseVisionConfig({ hidden_act: 'silu' }), /"hidden_act": "silu".*only "quick_gelu" and "gelu"/],
  [() => parseVisionConfig({ num_channels: 1 }), /"num_channels": 1/],
  [() => parseVisionConfig({ patch_size: 300 }), /image_size is only 224/],
  [() => parseVisionConfig({ num_attention_heads: 7 }), /must divide the hidden_size 768/],
  [() => parseVisionConfig(null), /no JSON object/],
  [() => parseClipConfig({ model_type: 'siglip' }), /only "clip" can be run/],
  [() => parseClipConfig({ vision_config: [] }), /"vision_config": \[\]/],
  [() => parseOpenClipConfig({ vision_cfg: { layers: [3, 4, 6, 3] } }), /only vision transformers/],
  [() => parseOpenClipConfig({ text_cfg: { hf_model_name: 'roberta' } }), /plain text tower/],
  [() => parseOpenClipConfig({ vision_cfg: { width: 100 } }), /"head_width"/],
])('a configuration that cannot be run is refused in one sentence (%#)', (parse, message) => {
  expect(parse).toThrow(message);
});

it('a row at length 1 stays one, and zeros stay zeros', () => {
  const rows = unitRows(tf.tensor2d([3, 4, 0, 0], [2, 2])).arraySync();
  expect(rows[0]![0]).toBeCloseTo(0.6, 6);
  expect(rows[1]).toEqual([0, 0]);
});

it('an image embedder needs neither text tower nor scale', () => {
  const { config } = open('model');
  const source = openCheckpoint(fixture('model/model.safetensors'));
  const network = openNetwork(
    source,
    {
      name: 'vision tower',
      build: (weights) => createImageEmbedder(config.vision, weights),
      spare: (key) => key.startsWith('text_'),
    },
    runtime,
  );
  expect(network.bytes).toBe(4 * network.parameters);
  network.dispose();
});
