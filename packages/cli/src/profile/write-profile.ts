import { chromeTrace, type Profile, summariseProfile, writeFileAtomically } from '@draft/core';
import type { IterationRange } from '../config/parse-profile.js';
import type { Progress } from '../progress/progress.js';
import type { RunFolder } from '../run/run-folder.js';
import { profileTable } from './profile-table.js';

const many = ({ from, to }: IterationRange): string =>
  from === to ? `iteration ${from}` : `iterations ${from} to ${to}`;

/** Writes `profile.json` into a run folder and shows what it says. */
export const writeProfile = (
  folder: RunFolder,
  range: IterationRange,
  profile: Profile,
  progress: Progress,
): void => {
  writeFileAtomically(folder.file('profile.json'), chromeTrace(profile));
  progress.log(`\nProfile of ${many(range)}, each on average; ${folder.shown}/profile.json has all of it:\n`);
  if (!profile.detailed) {
    progress.log('Only --backend tensorflow tells of single ops; here are the phases:\n');
  }
  progress.log(`${profileTable(summariseProfile(profile), profile.detailed)}\n`);
};
