import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';

/** The packages in a folder, with what their package.json says. */
export const readPackages = (parent) =>
  readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({
      folder: join(parent, name),
      content: JSON.parse(readFileSync(join(parent, name, 'package.json'), 'utf8')),
    }));

const declared = ({ dependencies = {}, peerDependencies = {}, optionalDependencies = {} }) =>
  Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });

/** Names of packages and of those among `all` that they say they need, directly or not. */
export const closureOf = (names, all) => {
  const found = new Set(names);
  for (const name of found) {
    const own = all.find(({ content }) => content.name === name);
    for (const needed of own ? declared(own.content) : []) {
      if (all.some(({ content }) => content.name === needed)) found.add(needed);
    }
  }
  return [...found];
};

const packageOf = (specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;

/** What the built modules of a package import, and its types, without being among what it declares. */
export const undeclaredImports = ({ folder, content }) => {
  const known = new Set([content.name, ...declared(content)]);
  const built = join(folder, 'dist');
  const files = readdirSync(built, { recursive: true }).filter((name) => /(\.js|\.d\.ts)$/.test(name));
  const foreign = files.flatMap((name) =>
    ts
      .preProcessFile(readFileSync(join(built, name), 'utf8'), true, true)
      .importedFiles.map(({ fileName }) => fileName)
      .filter((specifier) => !/^[./]|^file:/.test(specifier) && !isBuiltin(specifier))
      .map(packageOf),
  );
  return [...new Set(foreign)].filter((name) => !known.has(name));
};
