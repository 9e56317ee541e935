import { Command } from 'commander';
import type { NewOptions } from '../new/new-package.js';

/** `draft new`: writes a package for a plugin. */
export const newCommand = (): Command =>
  new Command('draft new')
    .description('Write a package for a plugin of your own: it builds, tests and packs as it is.')
    .argument('<kind>', 'reward, algorithm, sampler')
    .argument('<name>', 'what users will type, in lower case: glow')
    .option('--scope <SCOPE>', 'the npm scope of the package: @acme')
    .option('--license <SPDX>', 'the license of the package', 'MIT')
    .option('--output <FOLDER>', "where to write it (default: the package's name, here)")
    .action(async (kind: string, name: string, flags: NewOptions) => {
      const { newPackage } = await import('../new/new-package.js');
      process.stdout.write(newPackage(kind, name, flags, process.cwd()));
    });
