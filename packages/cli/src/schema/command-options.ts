import { compareOptions } from '../config/compare-options.js';
import type { Options } from '../config/config-layer.js';
import { diagnoseOptions } from '../config/diagnose-options.js';
import { evaluateOptions } from '../config/evaluate-options.js';
import { generateOptions } from '../config/generate-options.js';
import { gradientOptions } from '../config/gradient-options.js';
import { trainOptions } from '../config/train-options.js';
import type { ConfigCommand } from './config-commands.js';

/** What may stand in the configs of each command. */
export const commandOptions: Readonly<Record<ConfigCommand, Options>> = {
  train: trainOptions,
  generate: generateOptions,
  evaluate: evaluateOptions,
  compare: compareOptions,
  gradients: gradientOptions,
  diagnose: diagnoseOptions,
};
