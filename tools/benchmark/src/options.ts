import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ComputeType, cacheFolder } from '@draft/core';
import { type SizeName, sizes, type Task, tasks } from './cases.js';

/** What the benchmark was asked for. */
export interface BenchmarkOptions {
  readonly python: string;
  readonly sizes: readonly SizeName[];
  readonly tasks: readonly Task[];
  readonly rounds: number;
  /** Processors that both sides get; undefined is all. */
  readonly threads: number | undefined;
  readonly dtype: ComputeType;
  /** What PyTorch is told, each `plain` or parts of it joined by plus signs, which its side checks; the fastest is compared. */
  readonly torch: readonly [string, ...string[]];
  readonly cache: string;
  /** The JSON file to which results are added; undefined is none. */
  readonly output: string | undefined;
}

const pick = <Name extends string>(flag: string, text: string, names: readonly Name[]): readonly Name[] =>
  text.split(',').map((part) => {
    const name = names.find((each) => each === part);
    if (name !== undefined) return name;
    throw new Error(`--${flag} takes a list of ${names.join(', ')}, not "${part}".`);
  });

const count = (flag: string, text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`--${flag} takes a whole number of at least 1, not "${text}".`);
};

const defaultVariants = 'plain,channels-last,bfloat16,bfloat16+channels-last';

/**
 * Reads the command line.
 * @throws Error with one sentence where an option is not known or has no such value.
 */
export const readOptions = (args: readonly string[]): BenchmarkOptions => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      python: { type: 'string', default: 'python3' },
      sizes: { type: 'string', default: Object.keys(sizes).join() },
      tasks: { type: 'string', default: tasks.join() },
      rounds: { type: 'string', default: '5' },
      threads: { type: 'string' },
      dtype: { type: 'string', default: 'bfloat16' },
      torch: { type: 'string', default: defaultVariants },
      cache: { type: 'string', default: join(cacheFolder(), 'benchmark') },
      output: { type: 'string' },
    },
  });
  const [dtype] = pick('dtype', values.dtype, ['float32', 'bfloat16'] as const);
  return {
    ...{ python: values.python, cache: values.cache, output: values.output },
    torch: values.torch.split(',') as [string, ...string[]],
    sizes: pick('sizes', values.sizes, Object.keys(sizes) as SizeName[]),
    tasks: pick('tasks', values.tasks, tasks),
    rounds: count('rounds', values.rounds),
    threads: values.threads === undefined ? undefined : count('threads', values.threads),
    dtype: dtype ?? 'bfloat16',
  };
};
