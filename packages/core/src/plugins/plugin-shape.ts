import { isObject } from './package-json.js';
import type { PluginKind } from './plugin-kind.js';

type CodeKind = Exclude<PluginKind, 'checkpoint'>;

const methods: Readonly<Record<CodeKind, readonly string[]>> = {
  model: ['recognises', 'load'],
  sampler: ['create'],
  algorithm: ['create'],
  reward: ['create'],
};

/** What keeps a value from being a plugin of the kind; undefined if nothing does. */
export const structuralProblem = (value: unknown, kind: CodeKind): string | undefined => {
  if (!isObject(value)) return `is ${value === null ? 'null' : typeof value}, not an object`;
  if (value.kind !== kind) return `has the kind ${JSON.stringify(value.kind)} instead of "${kind}"`;
  if (value.specVersion !== 1) return `has specVersion ${JSON.stringify(value.specVersion)} instead of 1`;
  for (const field of ['name', 'description']) {
    if (typeof value[field] !== 'string') return `has no ${field}`;
  }
  const standard = isObject(value.options) ? value.options['~standard'] : undefined;
  if (!isObject(standard) || typeof standard.validate !== 'function') {
    return 'has no options schema (any Standard Schema library makes one)';
  }
  for (const method of methods[kind]) {
    if (typeof value[method] !== 'function') return `has no method ${method}`;
  }
  return undefined;
};

/** What keeps a value from being a plugin of any kind; undefined if nothing does. */
export const pluginProblem = (value: unknown): string | undefined => {
  const kind = isObject(value) && Object.keys(methods).find((known) => known === value.kind);
  if (kind) return structuralProblem(value, kind as CodeKind);
  if (!isObject(value)) return `is ${value === null ? 'null' : typeof value}, not an object`;
  return `has the kind ${JSON.stringify(value.kind)}, none of ${Object.keys(methods).join(', ')}`;
};

/** All that a module exports, what its lists hold, and where it is a config, the plugins of that. */
export const exportedValues = (module: Readonly<Record<string, unknown>>): readonly unknown[] => {
  const own = isObject(module.default) ? module.default.plugins : undefined;
  return [module.default, ...Object.values(module), Array.isArray(own) ? own : []].flat();
};
