import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TensorFlowFiles } from '../tensorflow/open-binding.js';
import { installationState, siteFolder } from './completion-record.js';
import { nativeSources } from './native-binding.js';
import { runtimeFolder, type TensorFlowVariant } from './runtime-folder.js';
import { libraryNames } from './tensorflow-builds.js';

/** Where the files of a TensorFlow lie in its folder, whether or not they are there. */
export const tensorFlowFiles = (folder: string): TensorFlowFiles => {
  const { framework, runtime } = libraryNames();
  return {
    binding: join(folder, nativeSources().binding),
    framework: join(folder, siteFolder, 'tensorflow', framework),
    runtime: join(folder, siteFolder, 'tensorflow', runtime),
  };
};

/** The files of a provisioned TensorFlow, or undefined where it has not been set up or is not whole. */
export const locateTensorFlow = (variant: TensorFlowVariant): TensorFlowFiles | undefined => {
  const folder = runtimeFolder(variant);
  if (installationState(folder) !== 'ready') return undefined;
  const files = tensorFlowFiles(folder);
  return existsSync(files.binding) ? files : undefined;
};
