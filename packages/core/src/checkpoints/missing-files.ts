import { DraftError } from '../errors/draft-error.js';
import type { CheckpointPlace } from './checkpoint-place.js';
import { allNamesHint, isCut, someNames } from './some-names.js';

/** Files of a place that the cache lacks where the network may not be asked. */
export interface MissingFiles {
  /** Each of these is needed. @default none */
  readonly needed?: readonly string[];
  /** Of each list one is needed, the first best; by what it is. @default none */
  readonly oneOf?: Readonly<Record<string, readonly string[]>>;
}

/**
 * What has to be downloaded before a checkpoint can be used without a network: `DRAFT_HUB_OFFLINE`, with the repository and
 * all files, and in the `details` the names that may stand for them.
 */
export function missingInCache(
  { called, onlyCache }: Pick<CheckpointPlace, 'called' | 'onlyCache'>,
  { needed = [], oneOf = {} }: MissingFiles,
): DraftError {
  const choices = Object.entries(oneOf);
  const files = [
    ...needed.map(called),
    ...choices.map(([, [best = '']]) => `${called(best)} (or another form of these weights)`),
  ];
  const [are, them] = files.length === 1 && !choices.length ? ['is', 'it'] : ['are', 'them'];
  return new DraftError(
    'DRAFT_HUB_OFFLINE',
    `${someNames(files)} ${are} not in the cache ${onlyCache}, and HF_HUB_OFFLINE forbids to download ${them}. Unset it, or ` +
      `download ${them} by other means and give the path${choices.length || isCut(files) ? `; ${allNamesHint}` : ''}.`,
    {
      details: Object.fromEntries([
        ...(needed.length ? [['needed', needed.map(called)] as const] : []),
        ...choices.map(([what, names]) => [`one needed (${what})`, names.map(called)] as const),
      ]),
    },
  );
}
