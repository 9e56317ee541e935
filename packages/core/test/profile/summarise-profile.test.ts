import { describe, expect, it } from 'vitest';
import { chromeTrace } from '../../src/runtime/profile/chrome-trace.js';
import type { OpSpan, Profile } from '../../src/runtime/profile/profile.js';
import { summariseProfile } from '../../src/runtime/profile/summarise-profile.js';

const op = (name: string, start: number, end: number, node?: string): OpSpan => ({
  ...{ name, start, end, operations: 100, outputBytes: 8, allocatedBytes: 4 },
  ...(node === undefined ? {} : { node, call: 'denoise' }),
});

/** 100 µs: a call from 10 to 60 whose ops run from 20 to 50, a single op, a transfer. */
const profile: Profile = {
  ...{ device: 'TensorFlow', detailed: true, duration: 100 },
  phases: [
    { name: 'iteration', detail: '3', start: 0, end: 100 },
    { name: 'sampling', detail: 'step 1', start: 5, end: 70 },
    { name: 'recording a graph', detail: 'denoise', start: 6, end: 9 },
  ],
  calls: [
    {
      ...{ name: 'denoise', start: 10, end: 60, first: true, opsFrom: 20, opsTo: 50, peakBytes: 30 },
      memory: [
        { at: 20, bytes: 30 },
        { at: 45, bytes: 0 },
      ],
    },
  ],
  ops: [
    op('Conv2D', 20, 30, 'network/n1'),
    op('MatMul', 25, 40, 'network/n2'),
    op('Add', 45, 50, 'n3/folded'),
    op('Add', 80, 90),
  ],
  transfers: [{ name: 'to the back end', start: 92, end: 94, bytes: 16 }],
};

describe('summariseProfile', () => {
  const summary = summariseProfile(profile);

  it('adds up ops by kind and by section', () => {
    expect(summary.kinds).toEqual([
      { name: 'MatMul', count: 1, time: 15, operations: 100, outputBytes: 8, allocatedBytes: 4 },
      { name: 'Add', count: 2, time: 15, operations: 200, outputBytes: 16, allocatedBytes: 8 },
      { name: 'Conv2D', count: 1, time: 10, operations: 100, outputBytes: 8, allocatedBytes: 4 },
    ]);
    expect(summary.opTime).toBe(40);
    expect(summary.sections).toEqual([
      { name: 'network', time: 25 },
      { name: 'other', time: 5 },
    ]);
  });

  it('tells apart when ops ran, when none did, and what the profile itself took', () => {
    expect(summary).toMatchObject({ duration: 90, statistics: 10, preparation: 13, iterations: 1 });
    // 20 to 40, 45 to 50 and 80 to 90; from 25 to 30 two at once; nothing from 40 to 45.
    expect(summary).toMatchObject({ busy: 35, parallel: 5, waiting: 5 });
    expect(summary.transfers).toEqual({ count: 1, time: 2, bytes: 16 });
    expect(summary.peak).toEqual({ call: 'denoise', bytes: 30 });
  });

  it('splits the time into phases and the rest', () => {
    expect(summary.phases).toEqual([
      { name: 'sampling', count: 1, time: 55, idle: 30 },
      { name: 'other', count: 1, time: 35, idle: 25 },
    ]);
  });
});

describe('chromeTrace', () => {
  const { traceEvents } = JSON.parse(chromeTrace(profile)) as {
    traceEvents: { ph: string; tid: number; ts: number; dur: number; name: string; args: object }[];
  };
  const drawn = traceEvents.filter(({ ph }) => ph === 'X');

  it('draws every span within the profile', () => {
    for (const { ts, dur } of drawn) {
      expect(ts).toBeGreaterThanOrEqual(0);
      expect(dur).toBeGreaterThanOrEqual(0);
      expect(ts + dur).toBeLessThanOrEqual(profile.duration);
    }
    expect(drawn.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['iteration: 3', 'sampling: step 1', 'denoise', 'to the back end', 'Conv2D']),
    );
    expect(drawn.filter(({ name }) => name === 'host').map(({ ts, dur }) => [ts, dur])).toEqual([
      [0, 10],
      [60, 20],
      [90, 2],
      [94, 6],
    ]);
  });

  it('lets spans of a track lie inside each other or apart, as viewers need it', () => {
    for (const a of drawn) {
      for (const b of drawn) {
        if (a === b || a.tid !== b.tid || b.ts < a.ts) continue;
        const apart = b.ts >= a.ts + a.dur;
        const inside = b.ts + b.dur <= a.ts + a.dur;
        expect(apart || inside || a.ts === b.ts).toBe(true);
      }
    }
  });

  it('counts the memory that ops hold, down to nothing', () => {
    const counters = traceEvents.filter(({ ph }) => ph === 'C');
    expect(counters.map(({ ts, args }) => [ts, args])).toEqual([
      [20, { bytes: 30 }],
      [45, { bytes: 0 }],
      [60, { bytes: 0 }],
    ]);
  });
});
