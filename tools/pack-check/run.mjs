import { spawnSync } from 'node:child_process';

// Nothing of the repository may leak into the stranger's project: no source mode, no npm settings of a parent.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => name !== 'DRAFT_SOURCE' && !/^npm_(package|lifecycle)/.test(name),
  ),
);

/** What went wrong so far. */
export const failures = [];

export const fail = (message) => {
  failures.push(message);
  console.error(`failed: ${message}`);
};

/** Runs a program, and counts a failure where it ends with another status than 0; returns what it wrote. */
export const run = (command, args, cwd) => {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', env: environment });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    fail(`${command} ${args.join(' ')} ended with ${result.status}\n${result.stdout}${result.stderr}`);
  }
  return result.stdout;
};

/** Runs `npm`, and reads the JSON that it writes; null where it failed. */
export const npmJson = (args, cwd) => {
  const text = run('npm', [...args, '--json'], cwd);
  // Scripts of the package write before it.
  const start = text.search(/^\[/m);
  return start < 0 ? null : JSON.parse(text.slice(start));
};
