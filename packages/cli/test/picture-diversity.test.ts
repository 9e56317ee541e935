import { fileURLToPath } from 'node:url';
import { createRuntime, type Tensor4D, tf } from '@draft/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pictureDiversity } from '../src/run/picture-diversity.js';
import { openPictureEmbedding } from '../src/run/picture-embedding.js';

const vector = (...values: number[]) => Float32Array.from(values);

describe('diversity of pictures', () => {
  it('is 0 of the same direction, 1 of right angles, 2 of opposites, and nothing of one', () => {
    expect(pictureDiversity([vector(1, 2), vector(2, 4)])).toBeCloseTo(0, 7);
    expect(pictureDiversity([vector(3, 0), vector(0, 0.1)])).toBeCloseTo(1, 7);
    expect(pictureDiversity([vector(1, 1), vector(-1, -1)])).toBeCloseTo(2, 7);
    expect(pictureDiversity([vector(1, 1)])).toBeNull();
    expect(pictureDiversity([vector(0, 0), vector(1, 1)])).toBe(1);
  });

  it('is one minus the mean cosine over all pairs', () => {
    const value = fc.float({ min: -1, max: 1, noNaN: true });
    const vectors = fc.array(fc.tuple(value, value, value), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(vectors, (rows) => {
        const embeddings = rows.map((row) => vector(...row));
        const norm = (a: Float32Array) => Math.hypot(...a);
        const cosines = embeddings.flatMap((a, i) =>
          embeddings.slice(i + 1).map((b) => {
            const lengths = norm(a) * norm(b);
            return lengths === 0 ? 0 : a.reduce((sum, x, k) => sum + x * (b[k] ?? 0), 0) / lengths;
          }),
        );
        const mean = cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
        // Squares of the smallest float32 numbers lose their last digits.
        expect(pictureDiversity(embeddings)).toBeCloseTo(1 - mean, 5);
      }),
    );
  });
});

describe('embeddings of pictures', () => {
  const context = async () => ({ runtime: await createRuntime({ backend: 'cpu' }), log: () => {} });

  it('are thumbnails minus mid-grey without weights, of any size', async () => {
    const embedding = await openPictureEmbedding('pixels', await context());
    const grey = tf.fill([2, 40, 33, 3], 0.75) as Tensor4D;
    const embedded = await embedding.embed(grey);
    expect(embedded).toHaveLength(2);
    expect(embedded[1]).toEqual(new Float32Array(16 * 16 * 3).fill(0.25));
    const small = tf.tensor4d([0, 0, 0, 1, 1, 1], [1, 1, 2, 3]);
    expect(await embedding.embed(small)).toEqual([vector(-0.5, -0.5, -0.5, 0.5, 0.5, 0.5)]);
    tf.dispose([grey, small]);
  });

  it('are those of a CLIP checkpoint where one is named', async () => {
    const folder = fileURLToPath(new URL('../../models-clip/test/fixtures/model', import.meta.url));
    const own = await context();
    const before = tf.memory().numTensors;
    const embedding = await openPictureEmbedding(folder, own);
    const images = tf.randomUniform([3, 20, 30, 3], 0, 1, 'float32', 1) as Tensor4D;
    const embedded = await embedding.embed(images);
    const first = tf.slice(images, 0, 1);
    const [alone] = await embedding.embed(first);
    expect(embedded).toHaveLength(3);
    // A batch of another size sums in another order.
    alone?.forEach((value, i) => {
      expect(value).toBeCloseTo(embedded[0]?.[i] ?? Number.NaN, 5);
    });
    const diversity = pictureDiversity(embedded);
    expect(diversity).toBeGreaterThan(0);
    expect(diversity).toBeLessThan(1);
    tf.dispose([images, first]);
    embedding.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
