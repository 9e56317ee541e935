import type { NewKind, PluginNames } from './plugin-names.js';

const flags: Readonly<Record<NewKind, (id: string) => string>> = {
  reward: (id) => `--reward ${id}`,
  algorithm: (id) => `--reward symmetry --algorithm ${id}`,
  sampler: (id) => `--reward symmetry --sampler ${id}`,
};

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * The files of a new package that are alike for all kinds.
 * @param summary What the example does, in a sentence.
 * @param version Of the command line; core and the conformance suite have the same.
 * @param license SPDX identifier.
 */
export const packageTemplate = (
  names: PluginNames,
  summary: string,
  version: string,
  license: string,
): Readonly<Record<string, string>> => {
  const { kind, id } = names;
  return {
    'package.json': json({
      name: names.package,
      version: '0.1.0',
      description: summary,
      license,
      type: 'module',
      keywords: ['draft-plugin', `draft-${kind}`],
      engines: { node: '>=20.19' },
      exports: {
        '.': { types: './dist/index.d.ts', default: './dist/index.js' },
        './package.json': './package.json',
      },
      files: ['dist', 'README.md'],
      sideEffects: false,
      scripts: {
        build: 'tsc',
        test: 'npm run build && node --test',
        check: 'npm run build && draft check .',
        prepack: 'npm run build',
      },
      draft: {
        apiVersion: 1,
        [`${kind}s`]: { [id]: { entry: './dist/index.js', summary } },
      },
      dependencies: { zod: '^4.0.0' },
      peerDependencies: { '@draft/core': '>=0.1.0 <1.0.0' },
      devDependencies: {
        '@draft/cli': `^${version}`,
        '@draft/core': `^${version}`,
        '@draft/testing': `^${version}`,
        typescript: '^6.0.0',
      },
    }),
    'tsconfig.json': json({
      compilerOptions: {
        target: 'ES2022',
        lib: ['ES2023'],
        module: 'NodeNext',
        moduleResolution: 'NodeNext',
        rootDir: 'src',
        outDir: 'dist',
        declaration: true,
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        verbatimModuleSyntax: true,
        skipLibCheck: true,
        types: [],
      },
      include: ['src'],
    }),
    '.gitignore': 'node_modules/\ndist/\nruns/\n*.tgz\n',
    'README.md': `# ${names.package}

${summary} ${kind === 'algorithm' ? 'An' : 'A'} ${kind} for [@draft](https://www.npmjs.com/package/@draft/cli).

## Install

\`\`\`sh
npm install ${names.package}
\`\`\`

## Use

\`\`\`sh
npx @draft/cli describe ${kind} ${id}
npx @draft/cli train ${flags[kind](id)}
\`\`\`

## Develop

\`\`\`sh
npm install
npm test          # builds, then runs the conformance suite and the tests of its own
npm run check     # the conformance suite alone
npm pack          # what would be published
\`\`\`

## License

${license}
`,
  };
};
