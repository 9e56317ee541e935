import { rmSync } from 'node:fs';
import type { TensorFlowFiles } from '../tensorflow/open-binding.js';
import { damagedFiles } from './completion-record.js';
import { type InstallOptions, installRuntime } from './install-runtime.js';
import { tensorFlowFiles } from './locate-tensorflow.js';
import { runtimeFolder } from './runtime-folder.js';

/**
 * Mends a TensorFlow that does not load: installs it again where a file has changed, else compiles the binding and
 * the kernels again, which may come from another machine that shares
 * the folder.
 */
export const repairRuntime = async (options: InstallOptions = {}): Promise<TensorFlowFiles> => {
  const { variant = 'cpu' } = options;
  const folder = runtimeFolder(variant);
  const force = (await damagedFiles(folder)).length > 0;
  const { binding, kernels } = tensorFlowFiles(folder, variant);
  for (const path of [binding, ...(kernels ? [kernels.path] : [])]) rmSync(path, { force: true });
  return installRuntime({ ...options, force });
};
