import { Command } from 'commander';

/** `draft check`: whether a package's plugins keep their contracts. */
export const checkCommand = (): Command =>
  new Command('draft check')
    .description("Run the conformance suite on a package's plugins, without a test runner.")
    .argument('[path]', 'the folder of the package', '.')
    .option('--json', 'print JSON')
    .action(async (path: string, flags: { readonly json?: true }) => {
      const { checkForUser } = await import('../check/check-for-user.js');
      await checkForUser(path, process.cwd(), flags.json === true);
    });
