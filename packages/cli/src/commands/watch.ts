import { Command } from 'commander';

/** `draft watch`: a page on this machine that shows a run while it goes on. */
export const watchCommand = (): Command =>
  new Command('draft watch')
    .description('Show a run in a browser while it goes on, and after; on this machine only.')
    .argument('<RUN>', 'the folder of a run')
    .option('--port <N>', 'where the page is served; 0 takes any that is free', '7410')
    .action(async (run: string, { port }: { readonly port: string }) => {
      const { watchRun } = await import('../watch/watch-run.js');
      await watchRun(run, port, process.cwd());
    });
