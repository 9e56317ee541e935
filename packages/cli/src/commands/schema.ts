import { Command } from 'commander';

/** `draft schema`: the config as JSON Schema, for editors. */
export const schemaCommand = (): Command =>
  new Command('draft schema')
    .description('Print the JSON Schema of configs, with the options of every installed plugin.')
    .option('--output <FILE>', 'write it into a file')
    .action(async (flags: { readonly output?: string }) => {
      const { schemaForUser } = await import('../schema/schema-for-user.js');
      await schemaForUser(flags.output, process.cwd());
    });
