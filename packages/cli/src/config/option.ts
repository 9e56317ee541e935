import { z } from 'zod';

/** How an option looks on the command line; the schema itself says the rest. */
export interface OptionLook {
  /** What it does, one line. */
  readonly description: string;
  /** Heading under which the help shows it. */
  readonly group: string;
  /** What stands for its value in the help. */
  readonly value?: string;
  /** How often and in which form it may be given; follows from the schema where absent. */
  readonly form?: OptionForm;
}

/** A value that is a number or text; a repeatable one; repeatable `key=value`; a switch; a switch that may have a value. */
export type OptionForm = 'number' | 'text' | 'list' | 'assignments' | 'switch' | 'detailed-switch';

const looks = z.registry<OptionLook>();

/** Attaches to an option of a command how it looks on the command line. */
export const option = <Schema extends z.ZodType>(schema: Schema, look: OptionLook): Schema => {
  looks.add(schema, look);
  return schema;
};

/** How an option looks on the command line. */
export const lookOf = (schema: z.ZodType): OptionLook => {
  const look = looks.get(schema);
  if (look === undefined) throw new Error('an option of the command line has no description');
  return look;
};

/** An option's schema without its default and without its absence. */
export const innerSchema = (schema: z.ZodType): z.ZodType => {
  let current: z.ZodType = schema;
  while (current instanceof z.ZodDefault || current instanceof z.ZodOptional) {
    current = current.unwrap() as z.ZodType;
  }
  return current;
};

/** The default of an option; undefined where it has none. */
export const defaultOf = (schema: z.ZodType): unknown =>
  schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined;

/** The form in which an option is given on the command line. */
export const formOf = (schema: z.ZodType): OptionForm => {
  const { form } = lookOf(schema);
  if (form !== undefined) return form;
  const inner = innerSchema(schema);
  if (inner instanceof z.ZodNumber) return 'number';
  if (inner instanceof z.ZodBoolean) return 'switch';
  if (inner instanceof z.ZodArray) return 'list';
  if (inner instanceof z.ZodRecord) return 'assignments';
  return 'text';
};

/** Whether an option is a switch that is on unless it is turned off; its description says what that does. */
export const isOnByDefault = (name: string): boolean => name === 'discover';

/** `learningRate` as a flag: `--learning-rate`; `discover`, which is on by default, as `--no-discover`. */
export const flagOf = (name: string): string =>
  `--${isOnByDefault(name) ? 'no-' : ''}${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
