import { type ProgressState, plainLine, terminalLine } from './progress-line.js';

/** Where progress is written: a terminal, or anything else that takes text. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Shows what is going on. */
export interface Progress {
  /** A line that stays. */
  log(message: string): void;
  /** What is being done now, with the share that is done where it is known; replaced by what comes next. */
  activity(message: string, share?: number): void;
  /** The state of the training loop. */
  iteration(state: ProgressState): void;
  /** Leaves the last line in place. */
  finish(): void;
}

const clear = '\r\u001b[2K';

/** On a terminal, one line that is redrawn below the lines that stay. */
const onTerminal = (stream: ProgressStream): Progress => {
  let line = '';
  const draw = (next: string): void => {
    line = next;
    stream.write(`${clear}${line}`);
  };
  const columns = (): number => stream.columns ?? 80;
  return {
    log: (message) => {
      stream.write(`${clear}${message}\n`);
      if (line !== '') stream.write(line);
    },
    activity: (message, share) => {
      const percent = share === undefined ? ' …' : ` ${Math.round(share * 100)} %`;
      draw([...`${message}${percent}`].slice(0, columns() - 1).join(''));
    },
    iteration: (state) => draw(terminalLine(state, columns())),
    finish: () => {
      if (line !== '') stream.write('\n');
      line = '';
    },
  };
};

/** Elsewhere, plain lines, at most one a second apart from the first and the last. */
const asLines = (stream: ProgressStream, now: () => number): Progress => {
  let last = Number.NEGATIVE_INFINITY;
  let activity = '';
  return {
    log: (message) => stream.write(`${message}\n`),
    activity: (message) => {
      if (message !== activity) stream.write(`${message} …\n`);
      activity = message;
    },
    iteration: (state) => {
      if (state.done > 1 && state.done < state.total && now() - last < 1000) return;
      last = now();
      stream.write(`${plainLine(state)}\n`);
    },
    finish: () => {},
  };
};

/**
 * Makes the progress display for a stream.
 * @param now Milliseconds.
 */
export const createProgress = (stream: ProgressStream, now: () => number): Progress =>
  stream.isTTY === true ? onTerminal(stream) : asLines(stream, now);
