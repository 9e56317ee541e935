import { DraftError } from '@draft/core';

/** Reads one component's `config.json` field by field; an absent field takes its default. */
export interface ConfigReader {
  /** A whole number of at least `minimum`. */
  integer(field: string, fallback: number | null, minimum?: number): number;
  /** A whole number of at least 1, or null. */
  optionalInteger(field: string): number | null;
  /** A finite number above 0. */
  positive(field: string, fallback: number): number;
  flag(field: string, fallback: boolean): boolean;
  /** One whole number of at least 1 for all of `count` blocks, or a list with one for each. */
  perBlock(field: string, fallback: number, count: number): readonly number[];
  /** A list of whole numbers of at least 1, not empty. */
  integers(field: string, fallback: readonly number[]): readonly number[];
  /** One of the supported names; `null` only where it is listed. */
  choice<T extends string | null>(field: string, fallback: T, supported: readonly T[]): T;
  /** A list of supported names, not empty. */
  choices<T extends string>(field: string, fallback: readonly T[], supported: readonly T[]): readonly T[];
  /** The field as it stands, undefined where absent. */
  raw(field: string): unknown;
  /** Refuses the checkpoint unless the field is absent or equals one of `supported`. */
  only(field: string, supported: readonly unknown[]): void;
  /** Fails with a sentence about the field: `problem` continues “but”. */
  invalid(field: string, problem: string): never;
  /** Refuses the field's value as beyond what this package can run. */
  unsupported(field: string, supported: readonly unknown[]): never;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isInteger = (value: unknown, minimum: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= minimum;

/**
 * Opens a parsed `config.json` for reading.
 * @param component How messages call it, for example `unet`.
 * @param className The class that wrote it, in the terms of diffusers.
 * @throws DraftError `DRAFT_CONFIG_INVALID`, `DRAFT_CONFIG_UNSUPPORTED`.
 */
export function readConfig(json: unknown, component: string, className: string): ConfigReader {
  if (!isObject(json)) {
    throw new DraftError('DRAFT_CONFIG_INVALID', `The ${component}'s config.json holds no JSON object.`);
  }
  const describe = (field: string): string =>
    `The ${component}'s config.json has "${field}": ${JSON.stringify(json[field])}`;
  const invalid = (field: string, problem: string): never => {
    throw new DraftError('DRAFT_CONFIG_INVALID', `${describe(field)}, but ${problem}.`);
  };
  const unsupported = (field: string, supported: readonly unknown[]): never => {
    const values = supported.map((value) => JSON.stringify(value)).join(' and ');
    throw new DraftError('DRAFT_CONFIG_UNSUPPORTED', `${describe(field)}, but only ${values} can be run.`);
  };
  const integer = (field: string, fallback: number | null, minimum = 1): number => {
    const value = json[field] ?? fallback;
    return isInteger(value, minimum)
      ? value
      : invalid(field, `it must be a whole number of at least ${minimum}`);
  };
  const choice = <T extends string | null>(field: string, fallback: T, supported: readonly T[]): T => {
    const value = json[field] === undefined ? fallback : json[field];
    return supported.includes(value as T) ? (value as T) : unsupported(field, supported);
  };

  const reader: ConfigReader = {
    integer,
    optionalInteger: (field) => (json[field] == null ? null : integer(field, null)),
    positive(field, fallback) {
      const value = json[field] ?? fallback;
      return typeof value === 'number' && Number.isFinite(value) && value > 0
        ? value
        : invalid(field, 'it must be a number above 0');
    },
    flag(field, fallback) {
      const value = json[field] ?? fallback;
      return typeof value === 'boolean' ? value : invalid(field, 'it must be true or false');
    },
    perBlock(field, fallback, count) {
      const value = json[field] ?? fallback;
      const list = Array.isArray(value) ? value : new Array<unknown>(count).fill(value);
      return list.length === count && list.every((entry) => isInteger(entry, 1))
        ? list
        : invalid(
            field,
            `it must be a whole number of at least 1, or a list of ${count}, one for each block`,
          );
    },
    integers(field, fallback) {
      const value = json[field] ?? fallback;
      return Array.isArray(value) && value.length > 0 && value.every((entry) => isInteger(entry, 1))
        ? value
        : invalid(field, 'it must be a list of whole numbers of at least 1');
    },
    choice,
    choices(field, fallback, supported) {
      const value = json[field] ?? fallback;
      if (!Array.isArray(value) || value.length === 0)
        return invalid(field, 'it must be a list of block types');
      return value.every((entry) => supported.includes(entry)) ? value : unsupported(field, supported);
    },
    raw: (field) => json[field],
    only(field, supported) {
      if (json[field] !== undefined && !supported.includes(json[field])) unsupported(field, supported);
    },
    invalid,
    unsupported,
  };
  reader.only('_class_name', [className]);
  return reader;
}
