import { describe, expect, it } from 'vitest';
import { bytesText, durationText } from '../src/progress/durations.js';
import { createProgress } from '../src/progress/progress.js';
import { type ProgressState, shortNumber, terminalLine } from '../src/progress/progress-line.js';

const state = (done: number, more: Partial<ProgressState> = {}): ProgressState => ({
  done,
  total: 10,
  reward: -0.5,
  smoothed: -0.6,
  earlier: -0.7,
  secondsEach: 30,
  residentBytes: 1.25e9,
  ...more,
});

const recorder = (isTTY: boolean, columns = 80) => {
  const written: string[] = [];
  return { written, stream: { isTTY, columns, write: (text: string) => written.push(text) } };
};

describe('progress', () => {
  it('is plain lines where there is no terminal, at most one a second, the last one always', () => {
    const { written, stream } = recorder(false);
    let time = 0;
    const progress = createProgress(stream, () => time);
    for (let done = 1; done <= 10; done += 1) {
      progress.iteration(state(done));
      time += 400;
    }
    expect(written[0]).toBe('iteration 1/10, reward -0.5000, mean -0.6000 ↗, 4 min 30 s left, 1.3 GB\n');
    expect(written.map((line) => Number(/iteration (\d+)/.exec(line)?.[1]))).toEqual([1, 4, 7, 10]);
    expect(written.join('')).not.toContain('\u001b');
  });

  it('is one line that is redrawn on a terminal, never wider than it', () => {
    const { written, stream } = recorder(true, 40);
    const progress = createProgress(stream, () => 0);
    progress.iteration(state(5));
    progress.iteration(state(6));
    progress.log('a sample');
    progress.finish();
    const text = written.join('');
    expect(text.split('\n')).toHaveLength(3);
    expect(text).toContain('\r\u001b[2Ka sample\n');
    expect([...terminalLine(state(5), 40)].length).toBeLessThan(40);
  });

  it('shows an activity once in plain lines', () => {
    const { written, stream } = recorder(false);
    const progress = createProgress(stream, () => 0);
    for (const share of [0, 0.5, 1]) progress.activity('loading', share);
    expect(written).toEqual(['loading …\n']);
  });

  it('marks the trend', () => {
    expect(terminalLine(state(5, { earlier: -0.5 }), 200)).toContain('↘');
    expect(terminalLine(state(5, { earlier: -0.6 }), 200)).toContain('→');
  });
});

describe('numbers for people', () => {
  it.each([
    [59.6, '1 min'],
    [0.2, '0 s'],
    [125, '2 min 5 s'],
    [3600 * 2 + 300, '2 h 5 min'],
  ])('%d s', (seconds, text) => expect(durationText(seconds)).toBe(text));

  it.each([
    [0, '0.0000'],
    [-0.00001, '-1.00e-5'],
    [12.345, '12.35'],
    [-123.45, '-123.5'],
    [1e6, '1.00e+6'],
  ])('%d', (value, text) => expect(shortNumber(value)).toBe(text));

  it.each([
    [0, '0 kB'],
    [12, '1 kB'],
    [6009, '6 kB'],
    [8.12e8, '812 MB'],
    [3.4e9, '3.4 GB'],
  ])('%d bytes', (bytes, text) => expect(bytesText(bytes)).toBe(text));
});
