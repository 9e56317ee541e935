import { spawnSync } from 'node:child_process';
import type { BackendName } from '../contracts/runtime.js';
import { findWebGpu, type WebGpuModules } from './backends/find-webgpu.js';
import { installationState } from './provision/completion-record.js';
import { locateTensorFlow } from './provision/locate-tensorflow.js';
import { runtimeFolder } from './provision/runtime-folder.js';

const probe = (dawn: string): string => `
  const { create, globals } = await import(${JSON.stringify(dawn)});
  Object.assign(globalThis, globals);
  process.exit((await create([]).requestAdapter()) ? 0 : 1);
`;

const answers = new Map<string, boolean>();

/** Whether Dawn finds a GPU; asked in another process, as a bad driver may end it, and once. */
const findsGpu = ({ dawn }: WebGpuModules): boolean => {
  const ask = () =>
    spawnSync(process.execPath, ['--input-type=module', '--eval', probe(dawn)], {
      stdio: 'ignore',
      timeout: 60_000,
    }).status === 0;
  const answer = answers.get(dawn) ?? ask();
  answers.set(dawn, answer);
  return answer;
};

/**
 * The back ends that start on this machine as it is, with nothing to be set up: cpu and wasm, which come with core; webgpu
 * where its packages are installed and find a GPU; tensorflow where a build for processors or for GPUs is set up.
 * @param cwd The user's folder.
 */
export const presentBackends = (cwd: string = process.cwd()): readonly BackendName[] => {
  const webGpu = findWebGpu(cwd);
  // A build for GPUs alone is taken only where its binding is compiled.
  const tensorFlow = installationState(runtimeFolder('cpu')) === 'ready' || locateTensorFlow('gpu');
  return [
    'cpu',
    'wasm',
    ...(webGpu && findsGpu(webGpu) ? (['webgpu'] as const) : []),
    ...(tensorFlow ? (['tensorflow'] as const) : []),
  ];
};
