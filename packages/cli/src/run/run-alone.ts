import { DraftError, withLock } from '@draft/core';
import type { RunFolder } from './run-folder.js';

/**
 * Runs `body` while no other process works in the run folder.
 * @throws DraftError `DRAFT_RUN_BUSY` where one does.
 */
export const runAlone = <Result>(folder: RunFolder, body: () => Promise<Result>): Promise<Result> =>
  withLock(folder.file('lock'), body, {
    onWait({ pid, host }) {
      throw new DraftError(
        'DRAFT_RUN_BUSY',
        `${folder.shown} is being worked on by process ${pid} on ${host}: wait for its end, or stop it first.`,
      );
    },
  });
