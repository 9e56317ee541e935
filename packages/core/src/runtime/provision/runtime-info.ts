import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { findCompiler } from './compile-native.js';
import {
  damagedFiles,
  type InstallationState,
  installationState,
  readCompletion,
} from './completion-record.js';
import { findPip } from './find-pip.js';
import { folderSize } from './folder-size.js';
import type { InstructionSet } from './instruction-set.js';
import { tensorFlowFiles } from './locate-tensorflow.js';
import { probeTensorFlow } from './probe-tensorflow.js';
import { cacheFolder, runtimeFolder, type TensorFlowVariant, tensorFlowVersion } from './runtime-folder.js';
import { tensorFlowBuild } from './tensorflow-builds.js';

/** One build of TensorFlow on this machine. */
export interface InstallationInfo {
  readonly variant: TensorFlowVariant;
  readonly folder: string;
  readonly state: InstallationState;
  /** Bytes on the disk. */
  readonly size: number;
  /** When it was set up, ISO 8601. */
  readonly installedAt?: string;
  /** The wheels that it comes from. */
  readonly wheels: readonly string[];
  /** The compiled binding of this release of @draft, undefined until it is first needed. */
  readonly binding?: string;
  /** For which instructions of this processor kernels are compiled; undefined where TensorFlow's own are used. */
  readonly kernels?: InstructionSet;
  /** Devices that TensorFlow finds, `CPU:0`, `GPU:0`; empty where it was not opened. */
  readonly devices: readonly string[];
  /** What it says about GPUs when it starts. */
  readonly remarks: readonly string[];
  /** Why it does not load. */
  readonly failure?: string;
  /** With `verify`: files whose content has changed. */
  readonly damaged?: readonly string[];
}

/** What computes on this machine, and what is missing for more. */
export interface RuntimeInfo {
  readonly tensorFlow: string;
  readonly node: string;
  /** `linux-x64` and so on. */
  readonly platform: string;
  readonly cacheFolder: string;
  /** What `DRAFT_BACKEND` says, where it is set. */
  readonly chosenBackend?: string;
  readonly installations: readonly InstallationInfo[];
  /** One sentence for each thing that setting TensorFlow up would lack. */
  readonly missing: readonly string[];
}

const sentenceOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

const inspect = async (variant: TensorFlowVariant, verify: boolean): Promise<InstallationInfo> => {
  const folder = runtimeFolder(variant);
  const state = installationState(folder);
  const record = readCompletion(folder);
  const files = tensorFlowFiles(folder, variant);
  const compiled = existsSync(files.binding);
  const opened =
    state === 'ready' && compiled
      ? await probeTensorFlow(files).catch((error) => ({
          devices: [],
          remarks: [],
          failure: sentenceOf(error),
        }))
      : { devices: [], remarks: [] };
  return {
    variant,
    folder,
    state,
    size: folderSize(folder),
    ...(record ? { installedAt: record.installedAt } : {}),
    wheels: record?.wheels.map(({ name }) => name) ?? [],
    ...(compiled ? { binding: basename(files.binding) } : {}),
    ...(files.kernels ? { kernels: files.kernels.instructions } : {}),
    devices: opened.devices,
    remarks: opened.remarks,
    ...('failure' in opened ? { failure: opened.failure } : {}),
    ...(verify && state !== 'missing' ? { damaged: await damagedFiles(folder) } : {}),
  };
};

/** Collects the sentences of the checks that fail. */
const findMissing = async (): Promise<string[]> => {
  const checks = [() => tensorFlowBuild('cpu'), () => findCompiler(), () => findPip()];
  const sentences: string[] = [];
  for (const check of checks) {
    try {
      await check();
    } catch (error) {
      sentences.push(sentenceOf(error));
    }
  }
  return sentences;
};

/** Looks at what is set up, opening each build of TensorFlow once in a process of its own. */
export const runtimeInfo = async (options: { readonly verify?: boolean } = {}): Promise<RuntimeInfo> => {
  const { verify = false } = options;
  const chosen = process.env.DRAFT_BACKEND;
  return {
    tensorFlow: tensorFlowVersion,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cacheFolder: cacheFolder(),
    ...(chosen ? { chosenBackend: chosen } : {}),
    installations: [await inspect('cpu', verify), await inspect('gpu', verify)],
    missing: await findMissing(),
  };
};
