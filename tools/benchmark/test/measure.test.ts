import { expect, test } from 'vitest';
import { disagreement } from '../src/agreement.js';
import { measure } from '../src/measure.js';
import { median } from '../src/median.js';
import type { SideCommand } from '../src/side.js';

/** A side that says what it is told to, and computes nothing. */
const speaker = (values: object, counts: boolean, seconds = 2): SideCommand => ({
  program: process.execPath,
  arguments: [
    '-e',
    `const say = (line) => console.log(JSON.stringify(line));
     console.log('a remark of some library');
     say({ loaded: 'here' });
     say({ ready: 'here' });
     ${counts ? 'say({ operations: 12 });' : ''}
     require('node:readline').createInterface({ input: process.stdin })
       .on('line', () => say({ seconds: ${seconds}, values: ${JSON.stringify(values)} }))
       .on('close', () => say({ peakBytes: 1000 }));`,
  ],
  environment: {},
  counts,
});

test('the median of an even number of values lies between the middle two', () => {
  expect(median([4, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test('compares two processes in turns', async () => {
  const ours = speaker({ reward: 1.1, gradient: 2 }, false);
  const theirs = { variant: 'plain', command: speaker({ reward: 1, gradient: 2 }, true) };
  const comparison = await measure({ ours, theirs: [theirs] }, 3);
  expect(comparison.ours.all).toEqual([2, 2, 2]);
  expect(comparison).toMatchObject({ timeRatio: 1, memoryRatio: 1, operations: 12 });
  expect(comparison.disagreement).toBeCloseTo(0.1, 10);
});

test('compares with the fastest variant, and says what the others took', async () => {
  const variant = (name: string, seconds: number) => ({
    variant: name,
    command: speaker({ reward: 1 }, true, seconds),
  });
  const { theirs, ...comparison } = await measure(
    { ours: speaker({ reward: 1 }, false, 1), theirs: [variant('plain', 5), variant('bfloat16', 4)] },
    1,
  );
  expect(theirs.seconds).toBe(4);
  expect(comparison).toMatchObject({ variant: 'bfloat16', timeRatio: 0.25 });
  expect(comparison.tried).toEqual([
    { variant: 'plain', seconds: 5, peakBytes: 1000 },
    { variant: 'bfloat16', seconds: 4, peakBytes: 1000 },
  ]);
});

test('refuses to compare different work', () => {
  expect(() => disagreement({ seconds: 1, values: { a: 1 } }, { seconds: 1, values: { b: 1 } })).toThrow(
    'different numbers',
  );
});

test('a side that breaks is an error, not a wait', async () => {
  const broken: SideCommand = {
    program: process.execPath,
    arguments: ['-e', 'process.exit(3)'],
    environment: {},
  };
  await expect(measure({ ours: broken, theirs: [{ variant: 'plain', command: broken }] }, 1)).rejects.toThrow(
    /ended early|stopped answering/,
  );
});
