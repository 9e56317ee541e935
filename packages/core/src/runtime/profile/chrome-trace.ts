import { lanesOf, uncovered } from './intervals.js';
import type { Profile, ProfileSpan } from './profile.js';

/** Tracks of the trace in the order in which they are shown. */
const tracks = { phases: 1, calls: 2, transfers: 3, host: 4, single: 5, ops: 10 } as const;

const trackNames: readonly (readonly [number, string])[] = [
  [tracks.phases, 'iterations and their phases'],
  [tracks.calls, 'recorded functions'],
  [tracks.transfers, 'transfers'],
  [tracks.host, 'host code between them'],
  [tracks.single, 'single ops'],
];

/** Shortest span that is drawn, µs; shorter ones are in the table only. */
const shortest = 1;

/** Thousandths of a microsecond are enough, and keep the file small. */
const rounded = (time: number): number => Math.round(time * 1000) / 1000;

const complete = (
  track: number,
  { start, end }: Pick<ProfileSpan, 'start' | 'end'>,
  name: string,
  args: object = {},
) => ({ ph: 'X', pid: 1, tid: track, ts: rounded(start), dur: rounded(end - start), name, args });

const label = (track: number, name: string) => ({
  ph: 'M',
  pid: 1,
  tid: track,
  name: 'thread_name',
  args: { name },
});

/** Most moments of a call's memory that are drawn. */
const moments = 400;

const memoryCounters = ({ calls }: Profile) =>
  calls.flatMap(({ memory, peakBytes, end }) => {
    let drawn = 0;
    const counter = (at: number, bytes: number) => ({
      ...{ ph: 'C', pid: 1, tid: 0, ts: rounded(at), name: 'memory of ops' },
      args: { bytes },
    });
    const seen = memory.filter(({ bytes }) => {
      const far = Math.abs(bytes - drawn) > peakBytes / moments;
      if (far) drawn = bytes;
      return far;
    });
    return seen.length === 0 ? [] : [...seen.map(({ at, bytes }) => counter(at, bytes)), counter(end, 0)];
  });

/**
 * A profile in the Trace Event Format, which chrome://tracing and Perfetto open: a track of phases, one of recorded
 * functions, one each of transfers, of host code while neither runs and of single ops, and one for each op that runs
 * beside others; and the memory that ops hold. Times are microseconds.
 */
export const chromeTrace = (profile: Profile): string => {
  const { phases, calls, ops, transfers, duration, device } = profile;
  const inside = ops.filter(({ call }) => call !== undefined);
  const lanes = lanesOf(inside);
  const single = ops.filter(({ call }) => call === undefined);
  const busy = [...calls, ...single, ...transfers];
  const host = profile.detailed ? uncovered(busy, { start: 0, end: duration }) : [];
  const laneCount = lanes.reduce((most, lane) => Math.max(most, lane + 1), 0);
  const events = [
    { ph: 'M', pid: 1, name: 'process_name', args: { name: `draft train, ${device}` } },
    ...trackNames.map(([track, name]) => label(track, name)),
    ...Array.from({ length: laneCount }, (_, lane) => label(tracks.ops + lane, `ops, lane ${lane + 1}`)),
    ...phases.map(({ detail, ...span }) =>
      complete(tracks.phases, span, detail === undefined ? span.name : `${span.name}: ${detail}`),
    ),
    ...calls.flatMap((call) => [
      complete(tracks.calls, { start: call.start, end: call.opsTo }, call.name, {
        peakBytes: call.peakBytes,
      }),
      ...(call.first
        ? [complete(tracks.calls, { start: call.start, end: call.opsFrom }, 'making the graph ready')]
        : []),
      complete(tracks.calls, { start: call.opsTo, end: call.end }, 'collecting statistics'),
    ]),
    ...transfers.map((span) => complete(tracks.transfers, span, span.name, { bytes: span.bytes })),
    ...host
      .filter(({ start, end }) => end - start >= shortest)
      .map((gap) => complete(tracks.host, gap, 'host')),
    ...single.map(({ outputBytes, ...span }) =>
      complete(tracks.single, span, span.name, { bytes: outputBytes }),
    ),
    ...inside.flatMap(({ node, call, operations, outputBytes, allocatedBytes, ...span }, i) =>
      span.end - span.start < shortest
        ? []
        : [
            complete(tracks.ops + (lanes[i] as number), span, span.name, {
              ...{ node, call, bytes: outputBytes, allocated: allocatedBytes },
              ...(operations > 0 ? { operations } : {}),
            }),
          ],
    ),
    ...memoryCounters(profile),
  ];
  return `{"displayTimeUnit":"ms","traceEvents":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;
};
