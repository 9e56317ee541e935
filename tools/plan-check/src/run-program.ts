import { spawn } from 'node:child_process';

const flags = ['--conditions=@draft/source', '--import', 'tsx'];

/**
 * Runs one of our programs in a process of its own.
 * @returns What it printed.
 */
export const runProgram = (program: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, program, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, DRAFT_SOURCE: '1' },
    });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) resolve(printed);
      else reject(new Error(`${program} ${args.join(' ')} ended with ${status}`));
    });
  });
