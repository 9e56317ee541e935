import { Command } from 'commander';

/** `draft runtime`: the tensor runtime of this machine. */
export const runtimeCommand = (): Command => {
  const command = new Command('draft runtime').description('Set up the tensor runtime, or show it.');
  command
    .command('install')
    .description('set up TensorFlow for this user (it also happens by itself when it is first needed)')
    .option('--gpu', "the CUDA 12 build with NVIDIA's libraries")
    .option('--force', 'set it up again, even if it is there')
    .action(async (flags: { readonly gpu?: true; readonly force?: true }) => {
      const { installForUser } = await import('../setup/install-for-user.js');
      await installForUser(flags.gpu === true ? 'gpu' : 'cpu', flags.force === true);
    });
  command
    .command('info')
    .description('show what is set up, and what is missing for more')
    .option('--verify', 'also compare every file with its hash')
    .option('--json', 'print JSON')
    .action(async (flags: { readonly verify?: true; readonly json?: true }) => {
      const { describeRuntime } = await import('../setup/describe-runtime.js');
      process.stdout.write(await describeRuntime(flags.verify === true, flags.json === true));
    });
  return command;
};
