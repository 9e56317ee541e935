import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TensorFlowFiles } from '../tensorflow/open-binding.js';
import { installationState, siteFolder } from './completion-record.js';
import { findKernels } from './kernel-library.js';
import { nativeSources } from './native-binding.js';
import { runtimeFolder, type TensorFlowVariant } from './runtime-folder.js';
import { libraryNames } from './tensorflow-builds.js';

/** The build for CUDA has its own. */
const kernelsOf = (folder: string, variant: TensorFlowVariant) =>
  variant === 'cpu' ? findKernels(folder) : undefined;

/** Where the files of a TensorFlow lie in its folder, whether or not they are there. */
export const tensorFlowFiles = (folder: string, variant: TensorFlowVariant): TensorFlowFiles => {
  const { framework, runtime } = libraryNames();
  const kernels = kernelsOf(folder, variant);
  return {
    binding: join(folder, nativeSources().binding),
    framework: join(folder, siteFolder, 'tensorflow', framework),
    runtime: join(folder, siteFolder, 'tensorflow', runtime),
    ...(kernels && kernels !== 'missing' ? { kernels } : {}),
  };
};

/** Whether everything is there that has to be compiled for a TensorFlow in its folder. */
export const isCompiled = (folder: string, variant: TensorFlowVariant): boolean =>
  existsSync(tensorFlowFiles(folder, variant).binding) && kernelsOf(folder, variant) !== 'missing';

/** The files of a provisioned TensorFlow, or undefined where it has not been set up or is not whole. */
export const locateTensorFlow = (variant: TensorFlowVariant): TensorFlowFiles | undefined => {
  const folder = runtimeFolder(variant);
  if (installationState(folder) !== 'ready') return undefined;
  return isCompiled(folder, variant) ? tensorFlowFiles(folder, variant) : undefined;
};
