import { DraftError } from '@draft/core/plugins';
import { Command } from 'commander';
import { checkBackends } from '../check/check-backends.js';
import { parseAssignments } from '../config/assignments.js';
import { repeated } from '../config/flags.js';
import { parseSize } from '../config/parse-size.js';

interface CheckFlags {
  readonly set?: readonly string[];
  readonly size?: string;
  readonly backend?: readonly string[];
  readonly json?: true;
}

const readBackend = (text: string): (typeof checkBackends)[number] => {
  const backend = checkBackends.find((name) => name === text);
  if (backend !== undefined) return backend;
  throw new DraftError(
    'DRAFT_UNKNOWN_BACKEND',
    `There is no back end ${JSON.stringify(text)} (--backend): choose ${checkBackends.join(', ')}.`,
  );
};

/** `draft check`: whether a package's plugins keep their contracts. */
export const checkCommand = (): Command =>
  new Command('draft check')
    .description("Run the conformance suite on a package's plugins, without a test runner.")
    .argument('[path]', 'the folder of the package', '.')
    .option(
      '--set <NAME.KEY=VALUE>',
      'an option of a plugin for the check (repeatable), above those under draft.check in its package.json',
      repeated,
    )
    .option('--size <HxW|N>', 'size of the test pictures that rewards get, in pixels')
    .option(
      '--backend <NAME>',
      `what computes rewards: ${checkBackends.join(', ')} (repeatable; default: all that are there)`,
      repeated,
    )
    .option('--json', 'print JSON')
    .action(async (path: string, flags: CheckFlags) => {
      const { checkForUser } = await import('../check/check-for-user.js');
      const size = parseSize(flags.size);
      await checkForUser(path, process.cwd(), flags.json === true, {
        set: parseAssignments(flags.set ?? [], '--set', true) as Record<string, Record<string, unknown>>,
        ...(size === null ? {} : { size: [size.height, size.width] }),
        ...(flags.backend === undefined ? {} : { backends: flags.backend.map(readBackend) }),
      });
    });
