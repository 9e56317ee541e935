import { readFileSync } from 'node:fs';
import type { Pixels, PluginContext, RewardContext } from '@draft/core';
import { createFileSizeReward, encodeJpeg, fileSizeOptions, jpegFileSize } from '@draft/reward-jpeg';
import { describe, expect, it } from 'vitest';
import { readPixels } from './read-fixture.js';

const sizes = JSON.parse(
  readFileSync(new URL('fixtures/file-sizes.json', import.meta.url), 'utf8'),
) as Record<string, number>;

const fixture = readPixels('libjpeg');

/** The upper left corner of a fixture's picture of 48 × 32 pixels. */
const picture = (name: string, height: number, width: number): Pixels => {
  const whole = fixture.numbers(`${name}.images`);
  const data = Uint8Array.from({ length: 3 * height * width }, (_, i) => {
    const [row, rest] = [Math.floor(i / (3 * width)), i % (3 * width)];
    return whole[3 * 32 * row + rest]!;
  });
  return { width, height, data };
};

describe('encodeJpeg', () => {
  const cases = Object.entries(sizes).map(([key, bytes]) => {
    const [, name, height, width, quality] = /^(\w+) (\d+)x(\d+) q(\d+)$/.exec(key)!;
    return {
      key,
      name: name!,
      height: Number(height),
      width: Number(width),
      quality: Number(quality),
      bytes,
    };
  });

  it.each(cases)('makes files of libjpeg’s size: $key', ({ name, height, width, quality, bytes }) => {
    // libjpeg transforms in whole numbers, so single frequencies round to the other side.
    expect(Math.abs(encodeJpeg(picture(name, height, width), quality).length / bytes - 1)).toBeLessThan(0.01);
  });

  it('writes nothing but a file: its marks at both ends, and no mark within the scan', () => {
    const file = encodeJpeg(picture('colour', 48, 32), 95);
    expect([...file.slice(0, 4)]).toEqual([0xff, 0xd8, 0xff, 0xe0]);
    expect([...file.slice(-2)]).toEqual([0xff, 0xd9]);
    const scan = file.slice(file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xda) + 2, -2);
    scan.forEach((byte, i) => {
      if (byte === 0xff) expect(scan[i + 1]).toBe(0);
    });
  });

  it.each([
    [1, 1],
    [3, 40],
    [17, 16],
  ])('takes pictures of any size: %i × %i', (height, width) => {
    const data = new Uint8Array(3 * height * width).fill(200);
    const file = encodeJpeg({ width, height, data }, 80);
    const frame = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xc0);
    expect([...file.slice(frame + 5, frame + 9)]).toEqual([0, height, 0, width]);
    expect(file.length).toBeGreaterThan(623);
  });
});

describe('jpeg-file-size', () => {
  const context = {} as RewardContext;

  it('is minus the kilobytes of each file, so that plain pictures win', async () => {
    const reward = createFileSizeReward(fileSizeOptions.parse({}));
    const plain: Pixels = { width: 32, height: 48, data: new Uint8Array(3 * 32 * 48).fill(90) };
    const scores = await reward.measure([picture('colour', 48, 32), plain], context);
    expect(scores[0]).toBe(-encodeJpeg(picture('colour', 48, 32), 95).length / 1000);
    expect(scores[1]).toBeGreaterThan(scores[0]!);
  });

  it('says before anything is loaded that it has no gradient', () => {
    expect(jpegFileSize.differentiable).toBe(false);
    expect(jpegFileSize.create({ quality: 95 }, {} as PluginContext)).toMatchObject({
      differentiable: false,
    });
  });

  it.each([{ quality: 0 }, { quality: 101 }, { quality: 80.5 }, { qualty: 80 }])(
    'refuses the options %j',
    (wrong) => {
      expect(fileSizeOptions.safeParse(wrong).success).toBe(false);
    },
  );
});
