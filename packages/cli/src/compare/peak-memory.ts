import { readFileSync } from 'node:fs';

/**
 * The most memory that this process has ever held at once (resident set), bytes. Linux counts in the usage of a process also
 * what its parent held when it was started, so there the number of the process's own memory is taken.
 */
export const peakMemory = (): number => {
  try {
    const own = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (own) return 1024 * Number(own[1]);
  } catch {
    // No Linux.
  }
  return 1024 * process.resourceUsage().maxRSS;
};
