import { DraftError, nearestName } from '@draft/core/plugins';
import { Command } from 'commander';
import { addPlaceFlags, readPlaces } from '../config/plugin-place-options.js';
import { configCommands } from '../schema/config-commands.js';

/** `draft schema`: the config as JSON Schema, for editors. */
export const schemaCommand = (): Command =>
  addPlaceFlags(
    new Command('draft schema')
      .description(
        "Print the JSON Schema of a command's configs, with the options of every installed plugin.",
      )
      .argument(
        '[command]',
        `whose configs: ${configCommands.join(', ')}; plan reads those of train`,
        'train',
      )
      .option('--output <FILE>', 'write it into a file'),
  ).action(async (text: string, flags: Readonly<Record<string, unknown>> & { readonly output?: string }) => {
    const command = configCommands.find((name) => name === (text === 'plan' ? 'train' : text));
    if (command === undefined) {
      const nearest = nearestName(text, configCommands);
      const hint =
        nearest === undefined ? `they do: ${configCommands.join(', ')}.` : `did you mean ${nearest}?`;
      throw new DraftError('DRAFT_OPTION_INVALID', `draft ${text} reads no config: ${hint}`);
    }
    const { schemaForUser } = await import('../schema/schema-for-user.js');
    const cwd = process.cwd();
    await schemaForUser(command, flags.output, await readPlaces(flags, cwd), cwd);
  });
