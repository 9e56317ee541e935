import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TensorFlowFiles } from '../tensorflow/open-binding.js';
import { runtimeFolder, type TensorFlowVariant } from './runtime-folder.js';

/** The files of a provisioned TensorFlow, or undefined where it has not been set up. */
export const locateTensorFlow = (variant: TensorFlowVariant): TensorFlowFiles | undefined => {
  const folder = runtimeFolder(variant);
  const files = {
    binding: join(folder, 'tensorflow_binding.node'),
    framework: join(folder, 'site', 'tensorflow', 'libtensorflow_framework.so.2'),
    runtime: join(folder, 'site', 'tensorflow', 'libtensorflow_cc.so.2'),
  };
  return Object.values(files).every((file) => existsSync(file)) ? files : undefined;
};
