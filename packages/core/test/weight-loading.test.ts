import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCheckpointWeights } from '../src/checkpoints/checkpoint-weights.js';
import { inLanes } from '../src/checkpoints/in-lanes.js';
import { openNetwork } from '../src/checkpoints/open-network.js';
import type { ComputeType, Runtime, StoredType } from '../src/contracts/runtime.js';
import type { WeightLayout } from '../src/contracts/weights.js';
import { bfloat16ToFloat32, float32ToBfloat16 } from '../src/files/bfloat16.js';
import { float16ToFloat32 } from '../src/files/float16.js';
import { openSafetensors } from '../src/files/open-safetensors.js';
import { createRuntime } from '../src/runtime/create-runtime.js';

const folder = mkdtempSync(join(tmpdir(), 'draft-weights-'));
afterAll(() => rmSync(folder, { recursive: true }));

const runtimes = new Map<ComputeType, Runtime>();
beforeAll(async () => {
  for (const computeType of ['float32', 'bfloat16'] as const) {
    runtimes.set(computeType, await createRuntime({ backend: 'tensorflow', computeType }));
  }
});
const runtimeOf = (computeType: ComputeType): Runtime => runtimes.get(computeType)!;

/** A safetensors file of one tensor whose bytes begin at an odd place. */
const writeOne = (dtype: StoredType, shape: readonly number[], bytes: Uint8Array): string => {
  const path = join(mkdtempSync(join(folder, 'one-')), 'one.safetensors');
  const text = JSON.stringify({ one: { dtype, shape, data_offsets: [0, bytes.length] } });
  const header = new TextEncoder().encode(text.padEnd(text.length + (text.length % 2 === 0 ? 1 : 2)));
  const length = new Uint8Array(new BigUint64Array([BigInt(header.length)]).buffer);
  writeFileSync(path, Buffer.concat([length, header, bytes]));
  return path;
};

/** The numbers of a weight that is loaded from a file. */
const load = async (
  path: string,
  computeType: ComputeType,
  shape: readonly number[],
  layout: WeightLayout,
): Promise<Float32Array> => {
  const file = openSafetensors(path);
  const weights = createCheckpointWeights(file, runtimeOf(computeType));
  await weights.load('one', shape, layout);
  file.close();
  const numbers = weights.get('one', shape, layout).dataSync() as Float32Array;
  weights.dispose();
  return numbers;
};

const halves = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);
/** Every exponent and sign, with what rounds down, up, to even, and what is not a number. */
const words = Uint32Array.from(
  { length: 512 * 8 },
  (_, i) => ((i >>> 3) << 23) | [0, 0x7fff, 0x8000, 0x8001, 0x18000, 0x7fffff, 0x400000, 1][i & 7]!,
);
const patterns: readonly (readonly [StoredType, Uint8Array<ArrayBuffer>, Float32Array])[] = [
  ['F16', new Uint8Array(halves.buffer), float16ToFloat32(halves)],
  ['BF16', new Uint8Array(halves.buffer), bfloat16ToFloat32(halves)],
  ['F32', new Uint8Array(words.buffer), new Float32Array(words.buffer)],
];

const sameNumbers = (actual: Float32Array, expected: Float32Array): void => {
  expect(actual.length).toBe(expected.length);
  const wrong = actual.findIndex((value, i) => !Object.is(value, expected[i]));
  expect(wrong, `${actual[wrong]} instead of ${expected[wrong]}`).toBe(-1);
};

describe('a weight that is loaded from a file', () => {
  describe.each(patterns)('stored as %s', (storedAs, bytes, numbers) => {
    it('keeps every number in float32', async () => {
      const path = writeOne(storedAs, [numbers.length], bytes);
      sameNumbers(await load(path, 'float32', [numbers.length], 'vector'), numbers);
    });

    it('is rounded to nearest in bfloat16, ties to even', async () => {
      const path = writeOne(storedAs, [numbers.length], bytes);
      const rounded = bfloat16ToFloat32(float32ToBfloat16(numbers));
      sameNumbers(await load(path, 'bfloat16', [numbers.length], 'vector'), rounded);
    });

    it.each(['float32', 'bfloat16'] as const)('is laid out as a convolution in %s', async (computeType) => {
      // Neither a multiple of what is read at a time nor of what is transposed at a time.
      const [out, inner, height, width] = [301, 13, 3, 1] as const;
      const shape = [height, width, inner, out];
      const count = out * inner * height * width;
      const item = bytes.length / numbers.length;
      // Past the first patterns, so that ordinary numbers are among them.
      const path = writeOne(
        storedAs,
        [out, inner, height, width],
        Uint8Array.from({ length: count * item }, (_, i) => bytes[(i + 1000 * item) % bytes.length]!),
      );
      const source = openSafetensors(path);
      const inMemory = runtimeOf(computeType).weight(source.read('one'), storedAs, shape, 'convolution');
      const expected = inMemory.dataSync() as Float32Array;
      const stored = numbers[1000 + 7]!;
      const firstRow =
        computeType === 'float32'
          ? stored
          : bfloat16ToFloat32(float32ToBfloat16(Float32Array.of(stored)))[0]!;
      // The eighth number that is stored is of the first result, input 2 and row 1.
      expect(expected[(1 * inner + 2) * out]).toBe(firstRow);
      sameNumbers(await load(path, computeType, shape, 'convolution'), expected);
      inMemory.dispose();
      source.close();
    });
  });

  it('may have more numbers than are read at a time', async () => {
    const many = Float32Array.from({ length: 700_001 }, (_, i) => i);
    const path = writeOne('F32', [many.length], new Uint8Array(many.buffer));
    sameNumbers(await load(path, 'float32', [many.length], 'vector'), many);
  });

  it('is refused with a sentence where the file was cut short after it had been opened', async () => {
    const path = writeOne('F32', [64], new Uint8Array(256));
    const file = openSafetensors(path);
    const weights = createCheckpointWeights(file, runtimeOf('bfloat16'));
    truncateSync(path, 200);
    await expect(weights.load('one', [64], 'vector')).rejects.toMatchObject({
      code: 'DRAFT_FILE_CHANGED',
      message: `${path} was cut short after it had been opened.`,
    });
    file.close();
    await expect(weights.load('one', [64], 'vector')).rejects.toMatchObject({ code: 'DRAFT_FILE_CLOSED' });
    weights.dispose();
  });

  it('is refused where it has another shape', async () => {
    const file = openSafetensors(writeOne('F32', [64], new Uint8Array(256)));
    const weights = createCheckpointWeights(file, runtimeOf('float32'));
    await expect(weights.load('one', [65], 'vector')).rejects.toMatchObject({ code: 'DRAFT_WEIGHT_SHAPE' });
    await expect(weights.load('two', [64], 'vector')).rejects.toMatchObject({ code: 'DRAFT_WEIGHT_MISSING' });
    file.close();
    weights.dispose();
  });

  it('leaves no tensor behind when its network is disposed of', async () => {
    const runtime = runtimeOf('bfloat16');
    const before = runtime.memory();
    const file = openSafetensors(writeOne('F32', [64], new Uint8Array(256)));
    const network = openNetwork(
      file,
      { name: 'one', build: (weights) => weights.get('one', [64], 'vector') },
      runtime,
    );
    await network.load();
    expect(runtime.memory().backendTensors).toBe(before.backendTensors + 1);
    network.dispose();
    expect(runtime.memory()).toMatchObject({
      tensors: before.tensors,
      backendTensors: before.backendTensors,
    });
  });
});

describe('lanes', () => {
  const soon = () => new Promise((resolve) => setTimeout(resolve, 1));

  it('do each item once, no more at a time than there are lanes', async () => {
    const done: number[] = [];
    let now = 0;
    let most = 0;
    await inLanes(3, [1, 2, 3, 4, 5, 6, 7], async (item) => {
      now += 1;
      most = Math.max(most, now);
      await soon();
      now -= 1;
      done.push(item);
    });
    expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it('begin nothing after a failure, and wait for what was begun', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const run = inLanes(2, [1, 2, 3, 4, 5], async (item) => {
      begun.push(item);
      if (item === 1) throw new Error('the first fails');
      await soon();
      ended.push(item);
    });
    await expect(run).rejects.toThrow('the first fails');
    expect(begun).toEqual([1, 2]);
    expect(ended).toEqual([2]);
  });
});
