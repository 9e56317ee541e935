import { readFileSync } from 'node:fs';
import { basename, relative, resolve, sep } from 'node:path';
import { DraftError, pluginProblem } from '@draft/core/plugins';
import { type Document, isCollection, isNode, LineCounter, type Node, parseDocument } from 'yaml';
import { importModule } from '../import-module.js';
import type { ConfigLayer } from './config-layer.js';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const noObject = (file: string): DraftError =>
  new DraftError('DRAFT_CONFIG_INVALID', `${file} holds no options: write them as "name: value" lines.`);

const readText = (path: string, file: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : code;
    throw new DraftError('DRAFT_CONFIG_UNREADABLE', `The config ${file} cannot be read: ${reason}.`, {
      cause,
    });
  }
};

const valuesOf = (document: Document, file: string): unknown => {
  if (document.contents === null) return {};
  try {
    return document.toJS();
  } catch (cause) {
    // An alias without its anchor, or aliases that would unfold to more than a config ever holds.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DraftError('DRAFT_CONFIG_INVALID', `${file} cannot be read: ${reason}.`, { cause });
  }
};

/** YAML, and JSON as a part of it, with the place of everything. */
const readDocument = (path: string, file: string): ConfigLayer => {
  const lines = new LineCounter();
  const document = parseDocument(readText(path, file), { lineCounter: lines });
  const [error] = document.errors;
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (error !== undefined) {
    const message = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? '';
    throw new DraftError('DRAFT_CONFIG_INVALID', `${place(error.pos[0])}: ${message}.`);
  }
  const values = valuesOf(document, file);
  if (!isRecord(values)) throw noObject(file);
  // For editors.
  const { $schema: _, ...options } = values;
  const nodeAt = (steps: readonly PropertyKey[], key: boolean): Node | undefined => {
    const parent: unknown = steps.length === 1 ? document.contents : document.getIn(steps.slice(0, -1), true);
    const last = steps.at(-1);
    if (key && isCollection(parent)) {
      for (const item of parent.items) {
        const name: unknown = (item as { key?: unknown }).key;
        if (isNode(name) && name.toJSON() === last) return name;
      }
    }
    const node: unknown = document.getIn(steps, true);
    return isNode(node) ? node : isNode(parent) ? parent : undefined;
  };
  return {
    values: options,
    flags: false,
    where: (steps, key) => place(nodeAt(steps, key)?.range?.[0] ?? 0),
  };
};

/**
 * The plugins of a config, each as a text: one that is an object is found again in the config itself, so that a run can be
 * recorded and gone on with.
 */
const namedPlugins = (plugins: readonly unknown[], file: string, self: string): readonly unknown[] => {
  const names = plugins.map((item, i) => {
    if (typeof item !== 'object' || item === null) return item;
    const problem = pluginProblem(item);
    if (problem === undefined) return self;
    throw new DraftError('DRAFT_CONFIG_INVALID', `${file}: "plugins.${i}" is no plugin: it ${problem}.`);
  });
  return [...new Set(names)];
};

const readModule = async (path: string, file: string, cwd: string): Promise<ConfigLayer> => {
  readText(path, file);
  let module: unknown;
  try {
    module = await importModule(path);
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0];
    throw new DraftError('DRAFT_CONFIG_INVALID', `${file} cannot be imported: ${reason}`, { cause });
  }
  const values = isRecord(module) ? module.default : undefined;
  if (!isRecord(values)) {
    throw new DraftError('DRAFT_CONFIG_INVALID', `${file} must have the options as its default export.`);
  }
  if (!Array.isArray(values.plugins)) return { values, flags: false, where: () => file };
  const inside = relative(cwd, path).split(sep).join('/');
  const plugins = namedPlugins(values.plugins, file, inside.startsWith('.') ? inside : `./${inside}`);
  return { values: { ...values, plugins }, flags: false, where: () => file };
};

/**
 * Reads a config: `.yaml`, `.yml` or `.json`, or a `.ts`, `.js` or `.mjs` module whose default export it is.
 * @throws DraftError with the line and column of a mistake in the notation.
 */
export const readConfig = async (file: string, cwd: string): Promise<ConfigLayer> => {
  const path = resolve(cwd, file);
  if (/\.[cm]?[jt]s$/.test(file)) return readModule(path, file, cwd);
  if (/\.(ya?ml|json)$/.test(file)) return readDocument(path, file);
  throw new DraftError(
    'DRAFT_CONFIG_UNREADABLE',
    `The config ${basename(file)} has no ending that is known: use .yaml, .json, .ts or .js.`,
  );
};
