import { readFileSync } from 'node:fs';

/** What the kernel has counted for this process, in bytes: at its most, or now; undefined where it does not say. */
export function processMemory(field: 'VmHWM' | 'VmRSS'): number | undefined {
  try {
    const found = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8'));
    return found ? Number(found[1]) * 1024 : undefined;
  } catch {
    return undefined;
  }
}

/** Memory for people: `4.97 GiB`. */
export const gibibytes = (bytes: number | undefined): string =>
  bytes === undefined ? 'unknown' : `${(bytes / 2 ** 30).toFixed(2)} GiB`;
