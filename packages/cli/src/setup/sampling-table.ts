import type { DiffusionModel, SamplerTable } from '@draft/core';
import type { ConfiguredPlugin } from './plugin-access.js';

/**
 * Makes a sampler's table for a model, and warns of a guidance that is not for the two of them.
 * @param log Told of it, in one line.
 * @throws DraftError as `Sampler.table` does.
 */
export const samplingTable = (
  { plugin, options }: ConfiguredPlugin<'sampler'>,
  { steps, guidance }: { readonly steps: number; readonly guidance: number },
  { schedule, builtInGuidance }: Pick<DiffusionModel, 'schedule' | 'builtInGuidance'>,
  log: (message: string) => void,
): SamplerTable => {
  const sampler = plugin.create(options as never);
  if (builtInGuidance !== undefined && guidance !== 1) {
    log(
      `warning: this model imitates a guidance of ${builtInGuidance} by itself, and --guidance ${guidance} is applied on ` +
        'top of it: it is made for --guidance 1.',
    );
  } else if (sampler.mostGuidance !== undefined && guidance > sampler.mostGuidance) {
    log(
      `warning: the sampler ${plugin.name} is for models that have guidance built in, and --guidance ${guidance} is applied ` +
        `on top of it: 1 is usual, ${sampler.mostGuidance} the most.`,
    );
  }
  return sampler.table(steps, schedule);
};
