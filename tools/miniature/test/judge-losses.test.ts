import { createRuntime, type Tensor2D, tf } from '@draft/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { contrastLoss } from '../src/judges/contrast-loss.js';
import { detectorReport, soughtIn } from '../src/judges/detector-report.js';
import { cells, detectorLabels, detectorTargets } from '../src/judges/detector-targets.js';
import { rankShares } from '../src/judges/rank-report.js';

beforeAll(async () => {
  await createRuntime({ backend: 'cpu', computeType: 'float32' });
});

const still = { mirrored: false, shiftX: 0, shiftY: 0 };
const book = { label: 'book', face: false } as const;

describe('the contrast of pictures and captions', () => {
  it('counts a caption that is true of nothing only against the pictures', () => {
    const logits = tf.tensor2d([2, 0, 1, 0, 3, 1], [2, 3]);
    const truth = tf.tensor2d([1, 0, 0, 0, 1, 0], [2, 3]);
    const log = (values: readonly number[], at: number): number =>
      Math.log(values.reduce((sum, x) => sum + Math.exp(x), 0)) - values[at]!;
    const pictures = (log([2, 0, 1], 0) + log([0, 3, 1], 1)) / 2;
    const captions = (log([2, 0], 0) + log([0, 3], 1)) / 2;
    const loss = contrastLoss(logits as Tensor2D, truth as Tensor2D).dataSync()[0];
    expect(loss).toBeCloseTo((pictures + captions) / 2, 5);
  });
});

describe("the detector's targets", () => {
  const at = (targets: ReturnType<typeof detectorTargets>, cell: number, label: string) => {
    const index = cell * detectorLabels.length + detectorLabels.indexOf(label);
    return [targets.classes[index], targets.judged[index]];
  };

  it('give a small object its own cell and leave the others quiet', () => {
    const targets = detectorTargets([{ ...book, box: [8, 16, 16, 24] }], still);
    const cell = 2 * cells + 1;
    expect(at(targets, cell, 'book')).toEqual([1, 1]);
    expect(at(targets, cell + 1, 'book')).toEqual([0, 1]);
    expect(at(targets, cell, 'cat')).toEqual([0, 1]);
    expect([...targets.boxes.subarray(4 * cell, 4 * cell + 4)]).toEqual([0.1875, 0.3125, 0.125, 0.125]);
    expect(targets.mask.reduce((sum, x) => sum + x, 0)).toBe(1);
  });

  it('let the cells in the middle of a large object name it or not', () => {
    const targets = detectorTargets([{ ...book, box: [0, 0, 64, 64] }], still);
    const named = [...Array(cells * cells).keys()].filter((cell) => at(targets, cell, 'book')[0] === 1);
    const free = [...Array(cells * cells).keys()].filter((cell) => at(targets, cell, 'book')[1] === 0);
    expect(named).toHaveLength(1);
    expect(free).toHaveLength(15); // four by four but the one that names it
    expect(at(targets, 0, 'book')).toEqual([0, 1]);
  });

  it('follow a picture that was mirrored and moved', () => {
    const movement = { mirrored: true, shiftX: 2, shiftY: -3 };
    const { boxes, mask } = detectorTargets([{ ...book, box: [8, 16, 16, 24] }], movement);
    const cell = mask.indexOf(1);
    expect([...boxes.subarray(4 * cell, 4 * cell + 2)]).toEqual([(64 - 12 + 2) / 64, 17 / 64]);
  });
});

describe('the reports', () => {
  it('count a tie against a judge', () => {
    const table = [
      [1, 5],
      [1, 2],
    ];
    expect(rankShares([0, 0], table)).toEqual({ count: 2, first: 0.5, five: 1 });
  });

  const finds = (found: Readonly<Record<string, number>>, box: readonly [number, number, number, number]) =>
    detectorLabels.map((label) => ({ score: found[label] ?? 0.01, box }));
  const facts = {
    objects: [{ ...book, box: [8, 16, 16, 24] as const }],
    background: { kind: 'plain', word: 'red' },
  } as const;

  it('want the right box and the highest score', () => {
    const [right] = soughtIn({ facts, findings: finds({ book: 0.7 }, [8, 16, 16, 24]) });
    expect(right).toMatchObject({ covered: true, above: true, size: 8 });
    const [beside] = soughtIn({ facts, findings: finds({ book: 0.7, cat: 0.8 }, [16, 16, 24, 24]) });
    expect(beside).toMatchObject({ covered: false, above: false });
  });

  it('call a detector bad that finds books everywhere', async () => {
    const empty = { ...facts, objects: [] };
    const pictures = [facts, empty].map((known) => ({ facts: known, pixels: new Float32Array() }));
    const eager = { find: async () => finds({ book: 0.9 }, [0, 0, 64, 64]), dispose: () => {} };
    const report = await detectorReport(eager, pictures);
    expect(report.books).toEqual({ of: 1, share: 0 });
    expect(report.smallBooks).toEqual({ of: 1, share: 0 });
    expect(report.falseBooks).toEqual({ of: 1, share: 1 });
  });
});
