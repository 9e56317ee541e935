import type { ConfigFields } from '../config/config-fields.js';
import type { ChannelStatistics } from './image-preprocessing.js';

type Triple = readonly [number, number, number];

const isTriple = (value: unknown): value is Triple =>
  Array.isArray(value) &&
  value.length === 3 &&
  value.every((x) => typeof x === 'number' && Number.isFinite(x));

/** Three numbers, such as one a channel. @throws DraftError `DRAFT_CONFIG_INVALID` where they are something else. */
export function readTriple({ raw, fail }: ConfigFields, field: string, fallback: Triple): Triple {
  const value = raw(field) ?? fallback;
  return isTriple(value) ? value : fail('INVALID', field, 'it must be three numbers');
}

/**
 * The statistics that a configuration has images normalised by.
 * @param names Its fields: `image_mean` and `image_std` in a `preprocessor_config.json`.
 * @param usual What an absent field means.
 * @throws DraftError `DRAFT_CONFIG_INVALID`, naming the field and its value.
 */
export function readStatistics(
  fields: ConfigFields,
  names: { readonly mean: string; readonly deviation: string },
  usual: ChannelStatistics,
): ChannelStatistics {
  const mean = readTriple(fields, names.mean, usual.mean);
  const deviation = readTriple(fields, names.deviation, usual.deviation);
  if (deviation.some((x) => x <= 0)) fields.fail('INVALID', names.deviation, 'they must be above 0');
  return { mean, deviation };
}
