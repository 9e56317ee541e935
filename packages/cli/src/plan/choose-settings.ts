import { DraftError } from '@draft/core/plugins';
import { bytesText } from '../progress/durations.js';
import { type Settings, settingsText } from './with-settings.js';

/** Some settings, and what a run with them takes. */
export interface Candidate {
  readonly settings: Settings;
  readonly peakBytes: number;
}

/** What settings are chosen among. */
export interface Choice {
  /** Most bytes that the run may take. */
  readonly budgetBytes: number;
  /** Whether the user stated that; if not, it is what is free. */
  readonly stated: boolean;
  /** Whether anything may be chosen; a run that is continued keeps its settings. */
  readonly choose: boolean;
  readonly batch: number;
  /** What the user has set. */
  readonly microBatch: number | undefined;
  /** Options of the model that need less memory and that the user has not set, mildest first. */
  readonly savings: readonly Readonly<Record<string, unknown>>[];
  readonly dtype: 'float32' | 'bfloat16';
  /** Of the pictures, in pixels. */
  readonly size: { readonly height: number; readonly width: number };
}

/** Sides of a picture that keep its shape, in steps that every architecture takes. */
const smallerSizes = ({ height, width }: Choice['size']): string[] =>
  [0.75, 0.5, 0.25].flatMap((share) => {
    const [high = 0, wide = 0] = [height, width].map((side) => Math.floor((side * share) / 64) * 64);
    return high >= 64 && wide >= 64 ? [high === wide ? `${high}` : `${high}x${wide}`] : [];
  });

/**
 * Looks for settings with which a run fits: as it is configured; else in smaller micro-batches, which changes its results by
 * rounding only; else with what the model offers.
 * @param asConfigured The run as it is.
 * @param attempt Estimates it with other settings.
 * @throws DraftError `DRAFT_MEMORY` where none of that fits, with the nearest setting of the user's that does.
 */
export const chooseSettings = async <Found extends Candidate>(
  asConfigured: Found,
  attempt: (settings: Settings) => Promise<Found>,
  choice: Choice,
): Promise<Found> => {
  const { budgetBytes, batch, savings } = choice;
  const fits = ({ peakBytes }: Candidate): boolean => peakBytes <= budgetBytes;
  if (fits(asConfigured)) return asConfigured;

  let least = asConfigured;
  const fitting = async (settings: Settings): Promise<Found | undefined> => {
    const found = await attempt(settings);
    if (found.peakBytes < least.peakBytes) least = found;
    return fits(found) ? found : undefined;
  };
  const smallest: Settings =
    choice.choose && choice.microBatch === undefined && batch > 1 ? { microBatch: 1 } : {};
  if (smallest.microBatch) {
    const single = await fitting(smallest);
    if (single) {
      // Memory grows by as much with each picture.
      const [low, high] = [single.peakBytes, asConfigured.peakBytes];
      const more = Math.floor(((budgetBytes - low) / (high - low)) * (batch - 1));
      const larger = Math.min(batch - 1, 1 + more);
      return (larger > 1 ? await fitting({ microBatch: larger }) : undefined) ?? single;
    }
  }
  if (!choice.choose) throw refusal(asConfigured, undefined, least, choice);
  for (const modelSet of savings) {
    const saved = await fitting({ ...smallest, modelSet });
    if (saved) return saved;
  }
  const strongest = savings.at(-1);
  const most: Settings = { ...smallest, ...(strongest ? { modelSet: strongest } : {}) };
  const narrow: Settings = choice.dtype === 'float32' ? { dtype: 'bfloat16' } : {};
  const ways = [
    ...(narrow.dtype ? [{ ...most, ...narrow }] : []),
    ...smallerSizes(choice.size).map((size) => ({ ...most, ...narrow, size })),
  ];
  for (const settings of ways) {
    const way = await fitting(settings);
    if (way) throw refusal(asConfigured, way, least, choice);
  }
  throw refusal(asConfigured, undefined, least, choice);
};

const refusal = (
  asked: Candidate,
  way: Candidate | undefined,
  least: Candidate,
  { budgetBytes, stated }: Choice,
): DraftError => {
  const needs = ({ peakBytes }: Candidate) => bytesText(peakBytes);
  const limit = `the ${bytesText(budgetBytes)} ${stated ? 'of --memory' : 'that are free'}`;
  const advice = way
    ? `with ${settingsText(way.settings)} it needs ${needs(way)}`
    : least === asked
      ? `--memory ${Math.ceil(asked.peakBytes / 1e8) / 10}GB would do`
      : `even ${settingsText(least.settings)} needs ${needs(least)}`;
  return new DraftError(
    'DRAFT_MEMORY',
    `This run needs about ${needs(asked)} of memory at its peak, more than ${limit}: ${advice}; --memory off starts it all the same.`,
  );
};
