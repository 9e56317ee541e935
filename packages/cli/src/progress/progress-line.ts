import { bytesText, durationText } from './durations.js';

/** What a line of progress shows. */
export interface ProgressState {
  /** Iterations that are done. */
  readonly done: number;
  readonly total: number;
  readonly reward: number;
  /** Smoothed reward of this iteration. */
  readonly smoothed: number;
  /** Smoothed reward of some iterations ago; the difference is the trend. */
  readonly earlier: number;
  /** Mean seconds an iteration. */
  readonly secondsEach: number;
  readonly residentBytes: number;
}

/** A number with three significant digits, without an exponent where that is readable. */
export const shortNumber = (value: number): string => {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(2);
  return value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4);
};

const bar = (share: number, width: number): string => {
  const full = Math.round(share * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
};

const trend = ({ smoothed, earlier }: ProgressState): string => {
  const change = smoothed - earlier;
  if (Math.abs(change) <= 1e-3 * Math.max(Math.abs(smoothed), 1e-6)) return '→';
  return change > 0 ? '↗' : '↘';
};

const parts = (state: ProgressState): readonly string[] => [
  `reward ${shortNumber(state.reward)}`,
  `mean ${shortNumber(state.smoothed)} ${trend(state)}`,
  state.done < state.total
    ? `${durationText((state.total - state.done) * state.secondsEach)} left`
    : `${durationText(state.total * state.secondsEach)}`,
  bytesText(state.residentBytes),
];

/** The line that a terminal shows, cut to its width. */
export const terminalLine = (state: ProgressState, columns: number): string => {
  const counter = `${String(state.done).padStart(String(state.total).length)}/${state.total}`;
  const line = [bar(state.done / state.total, 20), counter, ...parts(state)].join('  ');
  return [...line].slice(0, Math.max(10, columns - 1)).join('');
};

/** The line that is written where there is no terminal. */
export const plainLine = (state: ProgressState): string =>
  [`iteration ${state.done}/${state.total}`, ...parts(state)].join(', ');
