import { readFileSync } from 'node:fs';
import { createRuntime, openNetwork, openPlace, type Runtime, type TensorSource } from '@draft/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { lpipsArchitectures } from '../src/lpips/lpips-architecture.js';
import { backboneSpec, comparedOf, headsSpec, widthsOf } from '../src/lpips/lpips-specs.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ backend: 'cpu' });
});

type Listed = readonly (readonly [name: string, shape: readonly number[]])[];

const listed = (file: string): Listed =>
  readFileSync(new URL(`fixtures/published/${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [name, shape] = line.split('\t') as [string, string];
      return [name, shape.split('x').map(Number)];
    });

const sourceOf = (path: string, tensors: Listed): TensorSource => ({
  path,
  entries: new Map(
    tensors.map(([name, shape]) => {
      const byteLength = 4 * shape.reduce((a, b) => a * b, 1);
      return [name, { dtype: 'F32' as const, shape, byteLength }];
    }),
  ),
  read: () => new Uint8Array(),
  close: () => {},
});

describe.each([
  // All parameters of torchvision's networks but those of their classifiers.
  ['alex', 'alexnet.tsv', 2_469_696, [64, 192, 384, 256, 256]],
  ['vgg', 'vgg16.tsv', 14_714_688, [64, 128, 256, 512, 512]],
] as const)('the published network %s', (network, file, parameters, compared) => {
  const tensors = listed(file);
  const open = (of: Listed) => {
    const source = sourceOf(file, of);
    const spec = backboneSpec(network, widthsOf(source, lpipsArchitectures[network]));
    return openNetwork(source, spec, runtime);
  };

  it('is taken whole, at its shapes, but for its classifier', () => {
    const opened = open(tensors);
    expect(opened.parameters).toBe(parameters);
    opened.dispose();
    const features = tensors.filter(([name]) => name.startsWith('features.'));
    const alone = open(features);
    expect(alone.parameters).toBe(parameters);
    alone.dispose();
    // And nothing of it is not needed.
    for (const [name] of features)
      expect(() => open(tensors.filter(([other]) => other !== name)), name).toThrow(name);
  });

  it('is refused where it has more, or another shape', () => {
    expect(() => open([...tensors, ['features.99.weight', [1]]])).toThrow(
      '1 are unknown (features.99.weight)',
    );
    const wrong = tensors.map(([name, shape]) => [name, name === 'features.0.bias' ? [63] : shape] as const);
    expect(() => open(wrong)).toThrow('features.0.bias is [63], not [64]');
  });

  it('is looked for at addresses that say what its files are', () => {
    const { backbone, heads } = lpipsArchitectures[network];
    expect(backbone).toMatch(/-[0-9a-f]{8}\.pth$/);
    expect(heads).toMatch(/#sha256=[0-9a-f]{64}$/);
    expect(openPlace(heads).single).toBe(`${network}.pth`);
  });

  it('and its heads are those that the package lpips has', () => {
    const widths = widthsOf(sourceOf(file, tensors), lpipsArchitectures[network]);
    expect(comparedOf(lpipsArchitectures[network], widths)).toEqual(compared);
    const heads = compared.map((width, i) => [`lin${i}.model.1.weight`, [1, width, 1, 1]] as const);
    const opened = openNetwork(sourceOf('heads', heads), headsSpec(compared), runtime);
    expect(opened.parameters).toBe(compared.reduce((sum, width) => sum + width, 0));
    opened.dispose();
  });
});
