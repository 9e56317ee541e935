import type { TensorFlowFiles } from '../tensorflow/open-binding.js';
import { runProgram } from './run-program.js';

/** What a TensorFlow says of itself when it is opened. */
export interface TensorFlowProbe {
  readonly version: string;
  /** Its devices: `CPU:0`, `GPU:0` and so on. */
  readonly devices: readonly string[];
  /** What it says about GPUs while it starts. */
  readonly remarks: readonly string[];
}

const marker = 'draft-probe:';

const script = `
const [binding, framework, runtime, kernels] = process.argv.slice(-4);
const { version, devices } = require(binding).open(framework, runtime, new Uint8Array(0), kernels, 1);
console.log(${JSON.stringify(marker)} + JSON.stringify({ version, devices }));
`;

/** A line of TensorFlow's log without time, level and place in its sources. */
const withoutPrefix = (line: string) => line.replace(/^.*?\.cc:\d+\] /, '').trim();

/**
 * Opens a TensorFlow in a process of its own, so that this one stays free to open another build.
 * @throws An error with what the loader says where it does not load.
 */
export const probeTensorFlow = async (files: TensorFlowFiles): Promise<TensorFlowProbe> => {
  const result = await runProgram(
    process.execPath,
    ['-e', script, files.binding, files.framework, files.runtime, files.kernels?.path ?? ''],
    { environment: { ...process.env, NODE_OPTIONS: '', TF_CPP_MIN_LOG_LEVEL: '0' } },
  );
  const answer = result.stdout.split('\n').find((line) => line.startsWith(marker));
  if (!answer) {
    const reason = /Error: (.*)/.exec(result.stderr)?.[1];
    throw new Error(reason ?? `it ended with ${result.code ?? 'a signal'}`);
  }
  const { version, devices } = JSON.parse(answer.slice(marker.length)) as TensorFlowProbe;
  const remarks = result.stderr
    .split('\n')
    .filter((line) => /cuda|gpu|libcu/i.test(line))
    .map(withoutPrefix);
  return { version, devices: devices.map((name) => name.replace(/^.*device:/, '')), remarks };
};
