import { join } from 'node:path';
import { presentBackends } from '@draft/core';
import { DraftError, type FoundPlugin, nearestName } from '@draft/core/plugins';
import { z } from 'zod';
import { checkBackends } from './check-backends.js';

const options = z.record(z.string(), z.unknown()).default({});

const backends = z.array(z.enum(checkBackends)).min(1);

const steps = z.array(z.int().min(1)).min(1).exactOptional();

/** What may stand under `draft.check` in a package.json, by the kind of plugin. */
const schemas = {
  reward: z.strictObject({
    options,
    size: z.tuple([z.int().min(1), z.int().min(1)]).exactOptional(),
    prompts: z.array(z.string()).min(3).exactOptional(),
    backends: backends.exactOptional(),
    gradientTolerance: z.number().positive().exactOptional(),
    scoreTolerance: z.number().positive().exactOptional(),
  }),
  algorithm: z.strictObject({ options, steps }),
  sampler: z.strictObject({ options, steps }),
  model: z.strictObject({ options }),
} as const;

type CheckedKind = keyof typeof schemas;

/** How a plugin of a kind is tested. */
export type CheckSettings<Kind extends CheckedKind> = z.output<(typeof schemas)[Kind]>;

/** What a user says to `draft check`. */
export interface CheckRequest {
  /** Options by plugin, above those of the package. */
  readonly set: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly size?: readonly [height: number, width: number];
  readonly backends?: z.output<typeof backends>;
}

/** Texts that begin with `./` are paths in the package. */
const inPackage = (value: unknown, directory: string): unknown => {
  if (typeof value === 'string') return value.startsWith('./') ? join(directory, value) : value;
  if (Array.isArray(value)) return value.map((item) => inPackage(item, directory));
  return value;
};

const explain = ({ issues: [issue] }: z.ZodError, id: string, known: readonly string[]): string => {
  const at = ['draft.check', id, ...(issue?.path ?? [])].map(String).join('.');
  if (issue?.code !== 'unrecognized_keys')
    return `${at} in its package.json: ${issue?.message ?? 'invalid'}.`;
  const [key = ''] = issue.keys;
  const nearest = nearestName(key, known);
  const hint = nearest === undefined ? `there are ${known.join(', ')}.` : `did you mean "${nearest}"?`;
  return `${at} in its package.json has no field "${key}": ${hint}`;
};

/**
 * How a plugin is to be tested: what its package says, with what the user says on top. Back ends that the package names
 * and that are not there are left out.
 * @throws DraftError `DRAFT_CHECK_SETTINGS` where the package says what cannot be used.
 */
export const checkSettings = <Kind extends CheckedKind>(
  { id, check = {}, package: { directory } }: FoundPlugin,
  kind: Kind,
  { set, ...flags }: CheckRequest,
): CheckSettings<Kind> => {
  const schema = schemas[kind];
  const result = schema.safeParse(check);
  if (!result.success) {
    throw new DraftError('DRAFT_CHECK_SETTINGS', explain(result.error, id, Object.keys(schema.shape)));
  }
  const stated = result.data;
  const own = Object.entries(stated.options).map(([name, value]) => [name, inPackage(value, directory)]);
  const all = { ...Object.fromEntries(own), ...set[id] };
  if (kind !== 'reward') return { ...stated, options: all } as CheckSettings<Kind>;
  const named = (stated as CheckSettings<'reward'>).backends;
  const present = named && presentBackends().filter((backend) => named.includes(backend));
  return {
    ...stated,
    ...(present ? { backends: present } : {}),
    ...flags,
    options: all,
  } as CheckSettings<Kind>;
};
