import { DraftError } from '@draft/core/plugins';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { parseAssignments } from './assignments.js';
import type { ConfigLayer, Options } from './config-layer.js';
import { defaultOf, flagOf, formOf, innerSchema, isOnByDefault, lookOf } from './option.js';

/** For a flag that may be given several times: all its values. */
export const repeated = (value: string, previous: readonly string[] | undefined): readonly string[] => [
  ...(previous ?? []),
  value,
];

const defaultText = (value: unknown): string => {
  const empty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return value === undefined || value === false || empty ? '' : ` (default: ${String(value)})`;
};

/** Under which name commander gives a switch that was turned off: `noDiscover`. */
const offName = (name: string): string => `no${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** Gives a command a flag for each option. Defaults are only shown: they come after configs. */
export const addFlags = (command: Command, options: Options): Command => {
  for (const [name, schema] of Object.entries(options)) {
    const look = lookOf(schema);
    const form = formOf(schema);
    const shown = look.value ?? 'VALUE';
    const value = form === 'switch' ? '' : form === 'detailed-switch' ? ` [${shown}]` : ` <${shown}>`;
    const inner = innerSchema(schema);
    const choices = inner instanceof z.ZodEnum && !look.description.includes(String(inner.options[0]));
    const description = `${look.description}${choices ? `: ${inner.options.join(', ')}` : ''}`;
    const standard = isOnByDefault(name) ? '' : defaultText(defaultOf(schema));
    const flag = new Option(`${flagOf(name)}${value}`, `${description}${standard}`);
    // Or commander would say true where nothing was typed, and a config would not be heard.
    flag.negate = false;
    if (form === 'list' || form === 'assignments') flag.argParser(repeated);
    command.addOption(flag.helpGroup(`${look.group}:`));
  }
  return command;
};

const numberOf = (text: string, flag: string): number => {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isNaN(value)) {
    throw new DraftError('DRAFT_OPTION_INVALID', `${flag} takes a number (given: ${JSON.stringify(text)}).`);
  }
  return value;
};

/** The flags that a user typed as a layer of options. */
export const flagLayer = (typed: Readonly<Record<string, unknown>>, options: Options): ConfigLayer => {
  const values: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(options)) {
    const value = isOnByDefault(name) ? (typed[offName(name)] === true ? false : undefined) : typed[name];
    if (value === undefined) continue;
    const form = formOf(schema);
    const flag = flagOf(name);
    if (form === 'number') values[name] = numberOf(String(value), flag);
    else if (form === 'assignments') {
      const inner = innerSchema(schema);
      const nested = inner instanceof z.ZodRecord && inner.valueType instanceof z.ZodRecord;
      values[name] = parseAssignments(value as readonly string[], flag, nested);
    } else values[name] = value;
  }
  return { values, flags: true, where: () => '' };
};
