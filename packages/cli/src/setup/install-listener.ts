import type { InstallListener } from '@draft/core';
import type { Progress } from '../progress/progress.js';

/** Shows the setting up of the tensor runtime in the progress of a command. */
export const installListener = (progress: Progress): InstallListener => ({
  log: progress.log,
  progress: ({ stage, done, total }) => progress.activity(stage, total ? done / total : undefined),
});
