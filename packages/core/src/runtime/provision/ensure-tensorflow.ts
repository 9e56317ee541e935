import type { TensorFlowFiles } from '../tensorflow/open-binding.js';
import { type InstallOptions, installRuntime } from './install-runtime.js';
import { locateTensorFlow } from './locate-tensorflow.js';
import { removeLeftovers } from './remove-leftovers.js';
import { runtimeFolder } from './runtime-folder.js';

/** TensorFlow's files, set up first where they are missing or damaged. */
export const ensureTensorFlow = async (options: InstallOptions = {}): Promise<TensorFlowFiles> => {
  const { variant = 'cpu' } = options;
  const files = options.force ? undefined : locateTensorFlow(variant);
  if (!files) return installRuntime(options);
  removeLeftovers(runtimeFolder(variant));
  return files;
};
