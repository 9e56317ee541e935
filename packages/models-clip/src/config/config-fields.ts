import { DraftError } from '@draft/core';

/** The activations that CLIP's towers come with. */
export type ClipActivation = 'quick_gelu' | 'gelu';

const activations: readonly string[] = ['quick_gelu', 'gelu'] satisfies readonly ClipActivation[];

/** The fields of a tower's configuration, checked one by one. */
export interface ConfigFields {
  /** @returns The field as it stands. */
  raw(field: string): unknown;
  /** A whole number of at least 1. */
  integer(field: string, fallback: number): number;
  /** A number above 0. */
  positive(field: string, fallback: number): number;
  activation(): ClipActivation;
  /** @throws DraftError that quotes the field and says what is wrong with it. */
  fail(kind: 'INVALID' | 'UNSUPPORTED', field: string, problem: string): never;
}

/**
 * Opens a configuration for reading.
 * @param where How messages call it, for example `text encoder's config.json`.
 * @throws DraftError `DRAFT_CONFIG_INVALID` where it is no JSON object.
 */
export function configFields(json: unknown, where: string): ConfigFields {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new DraftError('DRAFT_CONFIG_INVALID', `The ${where} holds no JSON object.`);
  }
  const fields = json as Readonly<Record<string, unknown>>;
  const fail = (kind: 'INVALID' | 'UNSUPPORTED', field: string, problem: string): never => {
    throw new DraftError(
      `DRAFT_CONFIG_${kind}`,
      `The ${where} has "${field}": ${JSON.stringify(fields[field])}, but ${problem}.`,
    );
  };
  return {
    raw: (field) => fields[field],
    integer(field, fallback) {
      const value = fields[field] ?? fallback;
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
      return fail('INVALID', field, 'it must be a whole number of at least 1');
    },
    positive(field, fallback) {
      const value = fields[field] ?? fallback;
      if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
      return fail('INVALID', field, 'it must be a number above 0');
    },
    activation() {
      const activation = fields.hidden_act ?? 'quick_gelu';
      if (activations.includes(activation as string)) return activation as ClipActivation;
      const known = activations.map((name) => `"${name}"`).join(' and ');
      return fail('UNSUPPORTED', 'hidden_act', `only ${known} can be run`);
    },
    fail,
  };
}
