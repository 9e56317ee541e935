import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';

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

/** Bytes that this process may hold in all: what it holds, and what is free of this machine or of its container. */
export const availableMemory = (): number => process.memoryUsage().rss + Math.min(freemem(), containerRoom());
