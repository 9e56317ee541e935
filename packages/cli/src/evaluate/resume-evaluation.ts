import { DraftError } from '@draft/core/plugins';
import type { CommandLayers } from '../config/command-layers.js';
import { checkLayer } from '../config/config-layer.js';
import { evaluateOptions } from '../config/evaluate-options.js';
import { flagLayer } from '../config/flags.js';
import { flagOf } from '../config/option.js';
import type { EvaluationRecord } from './evaluation-record.js';

/** What may be said anew when an evaluation is gone on with: it changes none of its numbers. */
const changeable = new Set(['format', 'show', 'backend', 'plugins', 'noDiscover']);

/**
 * The options of an evaluation that is gone on with: those that it was begun with, and flags that change no number.
 * @throws DraftError `DRAFT_RESUME_OPTION` where another flag is given.
 */
export const resumeLayers = (
  typed: Readonly<Record<string, unknown>>,
  begun: EvaluationRecord,
  folder: string,
): CommandLayers => {
  for (const name of Object.keys(typed)) {
    if (changeable.has(name) || name === 'resume') continue;
    throw new DraftError(
      'DRAFT_RESUME_OPTION',
      `${flagOf(name)} cannot be changed when an evaluation is gone on with: only ${[...changeable].map(flagOf).join(', ')} can.`,
    );
  }
  const base = { values: begun.options, flags: false, where: () => `${folder}/config.json` };
  const flags = flagLayer(typed, evaluateOptions);
  const merged = { ...checkLayer(evaluateOptions, base), ...checkLayer(evaluateOptions, flags) };
  return { layers: [{ ...base, values: merged }], peek: (name) => Reflect.get(merged, name) };
};
