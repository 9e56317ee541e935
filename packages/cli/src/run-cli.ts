import { Command } from 'commander';
import { cliVersion } from './cli-directory.js';
import { reportError } from './report-error.js';

interface Entry {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Every command; what it needs is imported when it runs, so that `draft list` starts no tensor engine. */
const commands: Readonly<Record<string, Entry>> = {
  train: {
    summary: 'fine-tune a model on rewards',
    load: async () => (await import('./commands/train.js')).trainCommand(),
  },
  plan: {
    summary: 'estimate the memory and time of a training run before it starts',
    load: async () => (await import('./commands/plan.js')).planCommand(),
  },
  generate: {
    summary: 'make pictures, with or without a LoRA',
    load: async () => (await import('./commands/generate.js')).generateCommand(),
  },
  compare: {
    summary: 'train with several algorithms and compare what they reach',
    load: async () => (await import('./commands/compare.js')).compareCommand(),
  },
  evaluate: {
    summary: 'compare LoRAs and strategies with the base model on sets of prompts',
    load: async () => (await import('./commands/evaluate.js')).evaluateCommand(),
  },
  watch: {
    summary: 'show a run in a browser while it goes on',
    load: async () => (await import('./commands/watch.js')).watchCommand(),
  },
  gradients: {
    summary: 'estimate a gradient once, and keep it with all that it was computed from',
    load: async () => (await import('./commands/gradients.js')).gradientsCommand(),
  },
  diagnose: {
    summary: 'show how long gradients are and where they point',
    load: async () => (await import('./commands/diagnose.js')).diagnoseCommand(),
  },
  lora: {
    summary: 'inspect, convert, mix, resize and merge LoRA files',
    load: async () => (await import('./commands/lora.js')).loraCommand(),
  },
  score: {
    summary: 'score existing pictures',
    load: async () => (await import('./commands/score.js')).scoreCommand(),
  },
  list: {
    summary: 'list the installed models, samplers, algorithms and rewards',
    load: async () => (await import('./commands/list.js')).listCommand(),
  },
  describe: {
    summary: 'show what a plugin does, its options, and what to beware of',
    load: async () => (await import('./commands/describe.js')).describeCommand(),
  },
  check: {
    summary: "run the conformance suite on a package's plugins",
    load: async () => (await import('./commands/check.js')).checkCommand(),
  },
  new: {
    summary: 'write a package for a plugin of your own',
    load: async () => (await import('./commands/new.js')).newCommand(),
  },
  schema: {
    summary: 'print the JSON Schema of configs, for editors',
    load: async () => (await import('./commands/schema.js')).schemaCommand(),
  },
  runtime: {
    summary: 'install the tensor runtime, or show it',
    load: async () => (await import('./commands/runtime.js')).runtimeCommand(),
  },
};

const quiet = (command: Command): Command => {
  command.exitOverride().configureOutput({ outputError: () => {} });
  for (const sub of command.commands) quiet(sub);
  return command;
};

const program = (): Command => {
  const root = new Command('draft')
    .description('Fine-tune text-to-image diffusion models directly on differentiable rewards.')
    .version(cliVersion(), '-v, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .enablePositionalOptions();
  for (const [name, entry] of Object.entries(commands)) {
    root
      .command(name)
      .description(entry.summary)
      .helpOption(false)
      .allowUnknownOption()
      .argument('[arguments...]')
      .passThroughOptions()
      .action(async (args: readonly string[]) => {
        await quiet(await entry.load()).parseAsync([...args], { from: 'user' });
      });
  }
  return quiet(root);
};

/**
 * Runs one command line.
 * @param args What the user typed after `draft`.
 * @returns The exit status: 0, or 1 after an error, which has been reported.
 */
export const runCli = async (args: readonly string[]): Promise<number> => {
  const [first, second] = args;
  const helped = first === 'help' && second !== undefined && Object.hasOwn(commands, second);
  try {
    await program().parseAsync(helped ? [second, '--help'] : args.length === 0 ? ['--help'] : [...args], {
      from: 'user',
    });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    return reportError(error, args[0]);
  }
};
