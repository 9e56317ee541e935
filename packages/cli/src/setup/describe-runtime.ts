import { type InstallationInfo, runtimeInfo } from '@draft/core';
import { runningCore } from '@draft/core/plugins';
import { cliVersion } from '../cli-directory.js';
import { bytesText } from '../progress/durations.js';

const titles = { cpu: 'for processors', gpu: 'for NVIDIA GPUs (CUDA 12)' } as const;

const installationLines = (info: InstallationInfo, version: string): readonly string[] => {
  const title = `TensorFlow ${version} ${titles[info.variant]}`;
  if (info.state === 'missing') {
    const flag = info.variant === 'gpu' ? ' --gpu' : '';
    return [`${title}: not set up (draft runtime install${flag})`];
  }
  const state =
    info.failure ?? (info.state === 'ready' ? 'ready' : 'not whole: it is completed when it is next needed');
  const lines = [`${title}: ${state}`, `  folder   ${info.folder} (${bytesText(info.size)})`];
  if (info.devices.length > 0) lines.push(`  devices  ${info.devices.join(', ')}`);
  if (info.variant === 'cpu') lines.push(`  kernels  ${info.kernels ?? "TensorFlow's"}`);
  if (info.installedAt !== undefined) lines.push(`  since    ${info.installedAt}`);
  for (const remark of info.remarks) lines.push(`  says     ${remark}`);
  if (info.damaged !== undefined) {
    lines.push(`  damaged  ${info.damaged.length === 0 ? 'no file' : info.damaged.join(', ')}`);
  }
  return lines;
};

/** What `draft runtime info` prints. */
export const describeRuntime = async (verify: boolean, json: boolean): Promise<string> => {
  const info = await runtimeInfo({ verify });
  const versions = { cli: cliVersion(), core: runningCore().version };
  if (json) return `${JSON.stringify({ ...versions, ...info }, null, 2)}\n`;
  const lines = [
    `@draft/cli ${versions.cli}, @draft/core ${versions.core}, Node ${info.node}, ${info.platform}`,
    ...info.installations.flatMap((installation) => installationLines(installation, info.tensorFlow)),
    ...info.missing.map((sentence) => `To set TensorFlow up: ${sentence}`),
    ...(info.chosenBackend === undefined ? [] : [`DRAFT_BACKEND is ${info.chosenBackend}.`]),
    'Without TensorFlow, the wasm back end computes: slow, and for the miniature only.',
  ];
  return `${lines.join('\n')}\n`;
};
