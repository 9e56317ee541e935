import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DraftError } from '../../errors/draft-error.js';

/** The C++ sources of the binding. */
export interface NativeSources {
  /** The package's `native` folder. */
  readonly folder: string;
  /** The file to compile. */
  readonly main: string;
  /** Name of the compiled binding; it changes with the sources. */
  readonly binding: string;
  /** The kernels, to be compiled by themselves. */
  readonly kernels: string;
  /** What their name has to change with. */
  readonly kernelsHash: string;
}

const mainFile = 'tensorflow-binding.cc';
const kernelsFile = join('kernels', 'draft-kernels.cc');

/** Finds the sources above this file, which lies in `src/…` or is bundled into `dist`. */
const findFolder = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const native = join(folder, 'native');
    if (existsSync(join(native, mainFile))) return native;
    const parent = dirname(folder);
    if (parent === folder) {
      throw new DraftError(
        'DRAFT_PACKAGE_INCOMPLETE',
        'The folder `native` of @draft/core is missing: install the package again.',
      );
    }
    folder = parent;
  }
};

const hashOf = (folder: string): string => {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}`);
  for (const name of readdirSync(folder).sort()) {
    if (/\.(cc|h)$/.test(name)) hash.update(name).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 8);
};

/** The sources, with a name for what they compile to. */
export const nativeSources = (folder: string = findFolder()): NativeSources => {
  return {
    folder,
    main: join(folder, mainFile),
    binding: `tensorflow_binding-${hashOf(folder)}.node`,
    kernels: join(folder, kernelsFile),
    kernelsHash: hashOf(dirname(join(folder, kernelsFile))),
  };
};
