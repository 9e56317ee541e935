import type { HubOptions } from '@draft/core';
import { bytesText } from '../progress/durations.js';
import type { Progress } from '../progress/progress.js';

/** How one command talks to the Hugging Face Hub. */
export interface HubAccess {
  readonly options: HubOptions;
  /** The commit of every repository that was used, by `hf:org/name[@revision]`; to be recorded. */
  commits(): Readonly<Record<string, string>>;
  /** Leaves the last line about a download in place, for what comes after an error. */
  finish(): void;
}

/**
 * Opens the Hub for a command, with its downloads in the progress display.
 * @param recorded Commits that are to be used again.
 */
export const openHub = (
  progress: Pick<Progress, 'activity' | 'finish'>,
  recorded: Readonly<Record<string, string>> = {},
): HubAccess => {
  const commits = new Map(Object.entries(recorded));
  let shown = '';
  return {
    options: {
      commits,
      onProgress: ({ name, received, total }) => {
        const share = total === 0 ? 1 : received / total;
        // A file comes in tens of thousands of pieces.
        const now = `${name} ${Math.round(100 * share)}`;
        if (now === shown) return;
        shown = now;
        progress.activity(`downloading ${name} (${bytesText(total)})`, share);
      },
    },
    commits: () => Object.fromEntries(commits),
    finish: progress.finish,
  };
};
