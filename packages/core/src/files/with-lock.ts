import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { explainFileError } from './explain-file-error.js';
import { isAlive } from './is-alive.js';
import { makeFolder } from './make-folder.js';

/** Who holds a lock. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells one holding from another. */
  readonly token: string;
}

/** How a lock is waited for. */
export interface LockOptions {
  /** Called once, with the process that holds the lock; what it throws ends the waiting. */
  readonly onWait?: (holder: { readonly pid: number; readonly host: string }) => void;
  readonly signal?: AbortSignal | undefined;
  /** @default 300 milliseconds */
  readonly pollMilliseconds?: number;
}

const heartbeat = 5_000;
/** How long a holder whose process cannot be looked at, or seems to live, may be silent. */
const silence = { elsewhere: 120_000, here: 600_000 };

let serial = 0;

const readHolder = (path: string): Holder | undefined => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
};

/** Whether the holder has gone without letting go. A file that is being written has no holder yet. */
const isAbandoned = (path: string, holder: Holder | undefined): boolean => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return false;
  const age = Date.now() - stat.mtimeMs;
  if (!holder) return age > heartbeat;
  if (holder.host !== hostname()) return age > silence.elsewhere;
  return !isAlive(holder.pid) || age > silence.here;
};

const tryLock = (path: string, holder: Holder): boolean => {
  try {
    const file = openSync(path, 'wx');
    writeSync(file, JSON.stringify(holder));
    closeSync(file);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw explainFileError(cause, { action: 'write', path });
  }
};

/** Takes away a lock that was judged abandoned; puts it back where another process was quicker. */
const breakLock = (path: string, judged: Holder | undefined): void => {
  const aside = `${path}.${process.pid}.${serial++}`;
  try {
    renameSync(path, aside);
    if (readHolder(aside)?.token !== judged?.token) linkSync(aside, path);
  } catch {
    // Gone, or locked again: the next attempt sees which.
  } finally {
    rmSync(aside, { force: true });
  }
};

/**
 * Runs `body` while no other process holds the lock file. A lock whose process has died is taken over.
 * @throws What `body` throws, or the signal's reason.
 */
export const withLock = async <Result>(
  path: string,
  body: () => Promise<Result>,
  { onWait, signal, pollMilliseconds = 300 }: LockOptions = {},
): Promise<Result> => {
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    token: `${process.pid}-${Date.now()}-${serial++}`,
  };
  makeFolder(dirname(path));
  for (let announced = false; !tryLock(path, holder); ) {
    const other = readHolder(path);
    if (isAbandoned(path, other)) {
      breakLock(path, other);
      continue;
    }
    if (other && !announced) {
      announced = true;
      onWait?.(other);
    }
    await wait(pollMilliseconds, undefined, signal ? { signal } : {});
  }
  const beat = setInterval(() => {
    try {
      const now = new Date();
      utimesSync(path, now, now);
    } catch {
      // Taken over after a long sleep: the final rename keeps both results whole.
    }
  }, heartbeat);
  beat.unref();
  try {
    return await body();
  } finally {
    clearInterval(beat);
    if (readHolder(path)?.token === holder.token) rmSync(path, { force: true });
  }
};
