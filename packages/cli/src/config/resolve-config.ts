import { DraftError } from '@draft/core/plugins';
import type { z } from 'zod';
import { type ConfigLayer, checkLayer } from './config-layer.js';
import { mergeLayers } from './merge-layers.js';
import { flagOf, lookOf } from './option.js';

/**
 * Checks each layer by itself, then puts them together: flags over config over the checkpoint's
 * recommendations over defaults.
 * @param layers The uppermost first.
 * @throws DraftError that names the mistaken, unknown or missing option.
 */
export const resolveConfig = <Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  layers: readonly ConfigLayer[],
): z.output<z.ZodObject<Shape>> => {
  const options = schema.shape as unknown as Readonly<Record<string, z.ZodType>>;
  const checked = layers.map((layer) => checkLayer(options, layer));
  const result = schema.safeParse(mergeLayers(checked));
  if (result.success) return result.data;
  // Each layer is right by itself, so what is wrong now is missing.
  const name = String(result.error.issues[0]?.path[0]);
  const missing = options[name];
  const { value = 'VALUE', description } = missing ? lookOf(missing) : { description: '' };
  throw new DraftError('DRAFT_OPTION_MISSING', `${flagOf(name)} ${value} is missing: ${description}.`);
};
