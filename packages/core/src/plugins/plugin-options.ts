import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import { DraftError } from '../errors/draft-error.js';
import { nearestName } from './nearest-name.js';
import { isObject } from './package-json.js';

/** One option of a plugin, for a table. */
export interface OptionDescription {
  readonly name: string;
  /** `number`, `"x" | "y"`, `integer ≥ 1`, … */
  readonly type: string;
  readonly required: boolean;
  readonly default?: unknown;
  readonly description: string;
}

/** The options as JSON Schema, where the schema's library can write it. */
export const optionsJsonSchema = (
  options: StandardSchemaV1,
): Readonly<Record<string, unknown>> | undefined => {
  const standard = options['~standard'] as Partial<StandardJSONSchemaV1.Props>;
  try {
    return standard.jsonSchema?.input({ target: 'draft-2020-12' });
  } catch {
    return undefined;
  }
};

const describeType = (schema: Readonly<Record<string, unknown>>): string => {
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const union = Array.isArray(schema.anyOf) ? schema.anyOf : schema.oneOf;
  if (Array.isArray(union)) {
    return union.map((member) => (isObject(member) ? describeType(member) : 'any')).join(' | ');
  }
  if (schema.type === 'array')
    return `list of ${isObject(schema.items) ? describeType(schema.items) : 'any'}`;
  if (typeof schema.type !== 'string') return 'any';
  // zod writes the limits of safe integers; they tell a reader nothing.
  const limit = (value: unknown): value is number =>
    typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  const bounds = [
    limit(schema.minimum) ? `≥ ${schema.minimum}` : '',
    limit(schema.exclusiveMinimum) ? `> ${schema.exclusiveMinimum}` : '',
    limit(schema.maximum) ? `≤ ${schema.maximum}` : '',
    limit(schema.exclusiveMaximum) ? `< ${schema.exclusiveMaximum}` : '',
  ].filter(Boolean);
  return [schema.type, bounds.join(', ')].filter(Boolean).join(' ');
};

/** The options of a plugin, from its JSON Schema; undefined where that cannot be had. */
export const describeOptions = (options: StandardSchemaV1): readonly OptionDescription[] | undefined => {
  const schema = optionsJsonSchema(options);
  if (schema === undefined) return undefined;
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(isObject(schema.properties) ? schema.properties : {}).map(([name, property]) => {
    const fields = isObject(property) ? property : {};
    const described = {
      name,
      type: describeType(fields),
      required: required.includes(name) && fields.default === undefined,
      description: typeof fields.description === 'string' ? fields.description : '',
    };
    return fields.default === undefined ? described : { ...described, default: fields.default };
  });
};

const pathText = (path: StandardSchemaV1.Issue['path']): string =>
  (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');

/**
 * Checks a plugin's options and fills in their defaults.
 * @param owner Who has the options, for messages: `algorithm "draft"`.
 * @throws DraftError `DRAFT_OPTION_UNKNOWN` with the nearest right name, or `DRAFT_OPTION_INVALID`.
 */
export const parsePluginOptions = async <Output>(
  schema: StandardSchemaV1<unknown, Output>,
  options: Readonly<Record<string, unknown>>,
  owner: string,
): Promise<Output> => {
  const described = describeOptions(schema);
  const known = described?.map(({ name }) => name);
  for (const name of Object.keys(options)) {
    if (known === undefined || known.includes(name)) continue;
    const nearest = nearestName(name, known);
    const hint =
      nearest !== undefined
        ? `did you mean "${nearest}"?`
        : known.length > 0
          ? `it has ${known.join(', ')}.`
          : 'it has none.';
    throw new DraftError('DRAFT_OPTION_UNKNOWN', `The ${owner} has no option "${name}": ${hint}`);
  }
  const result = await schema['~standard'].validate(options);
  if (result.issues === undefined) return result.value;
  const [issue] = result.issues;
  const path = pathText(issue?.path);
  const name = path === '' ? 'The options' : `The option "${path}"`;
  const type = described?.find((option) => option.name === path)?.type;
  // Where none of several kinds fits, zod does not say which there are.
  const unsaid = issue === undefined || issue.message === 'Invalid input';
  const reason = unsaid && type !== undefined ? `it takes ${type}` : (issue?.message ?? 'invalid');
  const given = path === '' ? '' : ` (given: ${JSON.stringify(options[path.split('.')[0] ?? ''])})`;
  throw new DraftError('DRAFT_OPTION_INVALID', `${name} of the ${owner} cannot be used: ${reason}${given}.`);
};
