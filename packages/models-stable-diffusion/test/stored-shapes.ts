import { readFileSync } from 'node:fs';

interface Tree {
  readonly [part: string]: string | Tree;
}

function flatten(tree: Tree, prefix: string, into: Map<string, string>): Map<string, string> {
  for (const [part, node] of Object.entries(tree)) {
    if (typeof node === 'string') into.set(prefix + part, node);
    else flatten(node, `${prefix}${part}.`, into);
  }
  return into;
}

/** The parameters of a published architecture and their stored shapes, `320x4x3x3`. */
export const storedShapes = (name: string): ReadonlyMap<string, string> =>
  flatten(
    JSON.parse(readFileSync(new URL(`fixtures/keys/${name}.json`, import.meta.url), 'utf8')),
    '',
    new Map(),
  );
