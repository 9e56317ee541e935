import { parseSize } from '../config/parse-size.js';
import type { TrainConfig } from '../config/train-options.js';
import { chooseArchitecture } from '../setup/choose-model.js';
import type { PreparedTraining } from '../setup/prepare-training.js';

/** What can be changed to make a run need less memory. */
export type Settings = Partial<Pick<TrainConfig, 'microBatch' | 'keepSteps' | 'modelSet' | 'dtype' | 'size'>>;

/** The same training with other settings; options of the model are added to those that it has. */
export const withSettings = async (
  prepared: PreparedTraining,
  settings: Settings,
): Promise<PreparedTraining> => {
  const modelSet = { ...prepared.config.modelSet, ...settings.modelSet };
  const config = { ...prepared.config, ...settings, modelSet };
  const { place, plugins } = prepared;
  return {
    ...prepared,
    config,
    size: parseSize(config.size),
    ...(settings.modelSet ? { architecture: await chooseArchitecture(place.path, plugins, modelSet) } : {}),
  };
};

/** Settings as a user types them. */
export const settingsText = ({ microBatch, keepSteps, modelSet, dtype, size }: Settings): string =>
  [
    ...(dtype === undefined ? [] : [`--dtype ${dtype}`]),
    ...(size === undefined ? [] : [`--size ${size}`]),
    ...(microBatch === undefined ? [] : [`--micro-batch ${microBatch}`]),
    // That all steps keep what they computed is no concession.
    ...(keepSteps === 0 ? ['--keep-steps 0'] : []),
    ...Object.entries(modelSet ?? {}).map(([key, value]) => `--model-set ${key}=${value}`),
  ].join(' ');
