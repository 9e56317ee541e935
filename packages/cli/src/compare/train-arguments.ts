import { z } from 'zod';
import { defaultOf, flagOf, formOf, innerSchema } from '../config/option.js';
import { trainOptions } from '../config/train-options.js';

/** A value as `parseAssignments` reads it back. */
const assigned = (value: unknown): string => {
  if (typeof value !== 'string') return JSON.stringify(value);
  try {
    JSON.parse(value);
  } catch {
    return value;
  }
  return JSON.stringify(value);
};

/**
 * Options of `draft train` as a person would type them.
 * @param values By the names of configs, each of the right kind.
 */
export const trainArguments = (values: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(trainOptions).flatMap(([name, schema]) => {
    const value = values[name];
    if (value === undefined) return [];
    const flag = flagOf(name);
    switch (formOf(schema)) {
      case 'switch':
      case 'detailed-switch':
        if (value === defaultOf(schema)) return [];
        return typeof value === 'boolean' ? [flag] : [flag, String(value)];
      case 'list':
        return [value].flat().flatMap((item) => [flag, String(item)]);
      case 'assignments': {
        const inner = innerSchema(schema);
        const nested = inner instanceof z.ZodRecord && inner.valueType instanceof z.ZodRecord;
        return Object.entries(value as object).flatMap(([key, item]) =>
          nested
            ? Object.entries(item as object).flatMap(([inside, one]) => [
                flag,
                `${key}.${inside}=${assigned(one)}`,
              ])
            : [flag, `${key}=${assigned(item)}`],
        );
      }
      default:
        return [flag, String(value)];
    }
  });
