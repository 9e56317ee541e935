import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';

const numberIn = (path: string): number => {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10);
  } catch {
    return Number.NaN;
  }
};

/** What a container leaves, where there is one with a limit: cgroups, second version, then the first. */
const containerRoom = (): number => {
  const places = [
    ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory.current'],
    ['/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/memory/memory.usage_in_bytes'],
  ] as const;
  for (const [limit, used] of places) {
    const room = numberIn(limit) - numberIn(used);
    // The first version writes a huge number for no limit.
    if (Number.isFinite(room) && room < 2 ** 50) return Math.max(0, room);
  }
  return Number.POSITIVE_INFINITY;
};

/**
 * What macOS can give a process, by its `vm_stat`: pages that are free, and those that it only keeps because nobody has
 * asked for them. Undefined where the text says nothing of that.
 */
export const macRoom = (text: string): number | undefined => {
  const size = Number(/page size of (\d+) bytes/.exec(text)?.[1]);
  const pages = ['free', 'inactive', 'speculative'].map((kind) =>
    Number(new RegExp(`^Pages ${kind}: +(\\d+)\\.`, 'm').exec(text)?.[1] ?? 0),
  );
  const room = size * pages.reduce((sum, count) => sum + count, 0);
  return room > 0 ? room : undefined;
};

/** Node counts macOS's unused pages alone as free, of which there are few on any machine that has been on for a while. */
const machineRoom = (): number => {
  if (process.platform !== 'darwin') return freemem();
  try {
    return macRoom(execFileSync('vm_stat', { encoding: 'utf8' })) ?? totalmem();
  } catch {
    return totalmem();
  }
};

/** Bytes that this process may hold in all: what it holds, and what is free of this machine or of its container. */
export const availableMemory = (): number =>
  process.memoryUsage().rss + Math.min(machineRoom(), containerRoom());
