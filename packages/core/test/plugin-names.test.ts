import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { nearestName } from '../src/plugins/nearest-name.js';
import { describeOptions, parsePluginOptions } from '../src/plugins/plugin-options.js';
import { isNewer, satisfiesRange } from '../src/plugins/version-range.js';

describe('nearestName', () => {
  const known = ['learningRate', 'iterations', 'microBatch', 'seed', 'steps'];
  it.each([
    ['itertions', 'iterations'],
    ['learning-rate', 'learningRate'],
    ['lr', undefined],
    ['sede', 'seed'],
    ['stepps', 'steps'],
    ['learn', 'learningRate'],
    ['banana', undefined],
  ])('%s → %s', (typed, meant) => {
    expect(nearestName(typed, known)).toBe(meant);
  });

  it('always finds a name that is right', () => {
    fc.assert(fc.property(fc.constantFrom(...known), (name) => nearestName(name, known) === name));
  });
});

describe('satisfiesRange', () => {
  it.each([
    ['0.4.0', '>=0.1.0 <1.0.0', true],
    ['1.0.0', '>=0.1.0 <1.0.0', false],
    ['0.4.9', '^0.4.0', true],
    ['0.5.0', '^0.4.0', false],
    ['1.9.0', '^1.2.3', true],
    ['1.2.9', '~1.2.3', true],
    ['1.3.0', '~1.2.3', false],
    ['2.7.1', '1.x || 2.x', true],
    ['3.0.0', '1.x || 2.x', false],
    ['0.0.4', '^0.0.3', false],
    ['0.1.0', '*', true],
    ['0.1.0', '', true],
    ['0.1.0', '= 0.1.0', true],
    ['1.2.0', '<=1.1', false],
    ['0.1.0', 'workspace:^', undefined],
  ])('%s in "%s": %s', (version, range, expected) => {
    expect(satisfiesRange(version, range)).toBe(expected);
  });
});

describe('isNewer', () => {
  it.each([
    ['^0.5.0', '0.4.0', true],
    ['>=0.5.0 <1.0.0', '0.4.0', true],
    ['1.x || 2.x', '0.4.0', true],
    ['^0.2.0', '0.4.0', false],
    ['>=0.1.0 <0.3.0', '0.4.0', false],
    ['<1.0.0', '1.2.0', false],
    ['workspace:^', '0.4.0', false],
  ])('%s than %s: %s', (range, version, expected) => {
    expect(isNewer(range, version)).toBe(expected);
  });
});

describe('plugin options', () => {
  const schema = z.strictObject({
    k: z.int().min(1).default(2).describe('Steps that train.'),
    axis: z.enum(['x', 'y']).default('x'),
    file: z.string(),
  });

  it('are described from the schema', () => {
    expect(describeOptions(schema)).toEqual([
      { name: 'k', type: 'integer ≥ 1', required: false, default: 2, description: 'Steps that train.' },
      { name: 'axis', type: '"x" | "y"', required: false, default: 'x', description: '' },
      { name: 'file', type: 'string', required: true, description: '' },
    ]);
  });

  it('are filled in, and refused with the nearest name', async () => {
    await expect(parsePluginOptions(schema, { file: 'a' }, 'reward "r"')).resolves.toEqual({
      k: 2,
      axis: 'x',
      file: 'a',
    });
    await expect(parsePluginOptions(schema, { axes: 'x' }, 'reward "r"')).rejects.toThrow(
      'The reward "r" has no option "axes": did you mean "axis"?',
    );
    await expect(parsePluginOptions(schema, { k: 0, file: '' }, 'reward "r"')).rejects.toThrow(
      /^The option "k" of the reward "r" cannot be used: .*\(given: 0\)/,
    );
  });

  it('are refused with the kinds that there are, where there are several', async () => {
    const either = z.strictObject({ k: z.union([z.int().min(1), z.literal('all')]).default('all') });
    await expect(parsePluginOptions(either, { k: 'two' }, 'algorithm "a"')).rejects.toThrow(
      'The option "k" of the algorithm "a" cannot be used: it takes integer ≥ 1 | "all" (given: "two").',
    );
  });
});
