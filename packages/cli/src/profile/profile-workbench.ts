import { inPhase, iterationPhase, type Profile, type ProfileRecording } from '@draft/core';
import type { IterationRange } from '../config/parse-profile.js';
import type { Workbench } from '../run/workbench.js';

/** What is profiled, and where it goes. */
export interface ProfiledRun extends IterationRange {
  /** Called once with the profile, when the last of its iterations and what is saved after it are done. */
  readonly done: (profile: Profile) => void;
}

/**
 * A workbench some of whose iterations are profiled. What is computed is the same. The iteration before the first of them
 * makes every function ready; where there is none, the profile says which calls did so.
 */
export const profileWorkbench = (inner: Workbench, { from, to, done }: ProfiledRun): Workbench => {
  let recording: ProfileRecording | undefined;
  let last = 0;
  const start = inner.startProfile;
  const finish = (): void => {
    if (recording === undefined || last < to) return;
    const ended = recording;
    recording = undefined;
    done(ended.stop());
  };
  return {
    ...inner,
    restore(content) {
      inner.restore(content);
      last = content.iteration;
    },
    async iterate() {
      finish();
      const next = last + 1;
      if (next === Math.max(from - 1, 1)) recording = start?.();
      else if (next === from) recording ??= start?.();
      if (next === from) recording?.begin();
      const line = await inPhase(iterationPhase, String(next), () => inner.iterate());
      last = line.iteration;
      return line;
    },
    async judge(subjects, how) {
      finish();
      return inner.judge(subjects, how);
    },
    state: () => inPhase('save', undefined, () => inner.state()),
    async writeLora(path, average) {
      await inPhase('save', undefined, () => inner.writeLora(path, average));
      finish();
    },
    dispose() {
      // A run that ended early shows what there was.
      if (last >= from) last = Math.max(last, to);
      finish();
      recording?.stop();
      inner.dispose();
    },
  };
};
