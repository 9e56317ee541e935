import { DraftError, nearestName } from '@draft/core/plugins';
import type { z } from 'zod';
import { flagOf, innerSchema, lookOf, type OptionLook } from './option.js';

/** The options of a command, by their names in configs. */
export type Options = Readonly<Record<string, z.ZodType>>;

/** Some of the options, from one source: the flags, a config, a checkpoint's recommendations. */
export interface ConfigLayer {
  readonly values: Readonly<Record<string, unknown>>;
  /** Where a value, or with `key` its name, stands, to begin a message with: `draft.yaml:3:7`, or empty. */
  readonly where: (path: readonly PropertyKey[], key: boolean) => string;
  /** Whether options are called as flags (`--learning-rate`) in messages. */
  readonly flags: boolean;
}

const begin = (where: string): string => (where === '' ? '' : `${where}: `);

const given = (value: unknown): string => {
  // JSON has no Infinity.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text === undefined ? '' : ` (given: ${text.length > 60 ? `${text.slice(0, 57)}...` : text})`;
};

const at = (values: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    values,
  );

/** What zod expects, in words that go on after "expected". */
const kinds: Readonly<Record<string, string>> = {
  int: 'a whole number',
  array: 'a list',
  boolean: 'true or false',
};

const plainMessage = (issue: z.core.$ZodIssue, look: OptionLook): string => {
  if (issue.code === 'invalid_type') {
    return `expected ${kinds[issue.expected] ?? `a ${issue.expected}`}`;
  }
  if (issue.code === 'invalid_union') return `takes ${look.value ?? 'another kind of value'}`;
  if (issue.code === 'too_small' && issue.origin !== 'number' && issue.origin !== 'int')
    return 'must not be empty';
  if (issue.code === 'too_small')
    return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
  if (issue.code === 'too_big')
    return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
  if (issue.code === 'invalid_value') return `must be ${issue.values.map(String).join(', ')}`;
  return issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
};

/**
 * Checks one source of options by itself, so that a message can say where the mistake stands.
 * @throws DraftError `DRAFT_OPTION_UNKNOWN` with the nearest right name, or `DRAFT_OPTION_INVALID`.
 */
export const checkLayer = (options: Options, layer: ConfigLayer): Readonly<Record<string, unknown>> => {
  const shown = (name: string): string => (layer.flags ? flagOf(name) : `"${name}"`);
  for (const name of Object.keys(layer.values)) {
    if (Object.hasOwn(options, name)) continue;
    const nearest = nearestName(name, Object.keys(options));
    const hint =
      nearest === undefined
        ? `there are ${Object.keys(options).join(', ')}.`
        : `did you mean ${shown(nearest)}?`;
    throw new DraftError(
      'DRAFT_OPTION_UNKNOWN',
      `${begin(layer.where([name], true))}There is no option ${shown(name)}: ${hint}`,
    );
  }
  const checked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(layer.values)) {
    const schema = options[name];
    if (schema === undefined || value === undefined) continue;
    const result = innerSchema(schema).safeParse(value);
    if (result.success) {
      checked[name] = result.data;
      continue;
    }
    const [issue] = result.error.issues;
    const path = [name, ...(issue?.path ?? [])];
    const inConfig = `"${path.map(String).join('.')}"`;
    const label = layer.flags || path.length === 1 ? shown(name) : inConfig;
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `${begin(layer.where(path, false))}${label} ${issue ? plainMessage(issue, lookOf(schema)) : 'cannot be used'}${given(at(layer.values, path))}.`,
    );
  }
  return checked;
};
