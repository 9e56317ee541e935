import { DraftError } from '@draft/core/plugins';
import { CommanderError } from 'commander';

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Commander's message as one sentence, with its suggestion and where to read more. */
const describeUsage = (error: CommanderError, command: string | undefined): string => {
  const [, problem = '', meant] =
    /^(?:error: )?([\s\S]*?)\.?(?:\n\(Did you mean (.*?)\?\))?$/.exec(error.message) ?? [];
  const where = command === undefined || command.startsWith('-') ? 'draft --help' : `draft ${command} --help`;
  const hint = meant === undefined ? `${where} shows what there is.` : `did you mean ${meant}?`;
  const help = error.code === 'commander.unknownCommand' ? hint.replace(where, 'draft --help') : hint;
  return `${sentence(problem)}${meant === undefined ? '; ' : ': '}${help}`;
};

const systemProblems: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full',
  EDQUOT: 'The disk quota is used up',
  EACCES: 'Permission was denied',
  EPERM: 'Permission was denied',
  EROFS: 'The file system is read-only',
  EMFILE: 'Too many files are open',
};

/** The first error in a chain of causes that names a problem of the machine rather than of the program. */
const systemProblem = (error: unknown): string | undefined => {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { code, path } = current as NodeJS.ErrnoException;
    const problem = code === undefined ? undefined : systemProblems[code];
    if (problem !== undefined) return `${problem}${path === undefined ? '' : ` (${path})`}.`;
  }
  return undefined;
};

/** What a user reads about an error: one sentence, whatever was thrown. */
const describeError = (error: unknown, command?: string): string => {
  if (error instanceof CommanderError) return describeUsage(error, command);
  if (DraftError.is(error)) return error.message;
  const problem = systemProblem(error);
  if (problem !== undefined) return problem;
  const message = error instanceof Error ? error.message : String(error);
  const line = message.trim().split('\n')[0]?.replace(/\.$/, '') ?? '';
  return `Internal error: ${line}; run again with DRAFT_DEBUG=1 for details.`;
};

/** Writes an error to stderr as one sentence and its hints (with `DRAFT_DEBUG=1`, also what it lists and where it came from); returns the exit status. */
export const reportError = (error: unknown, command?: string): number => {
  // Asked for or not, help has been shown, and is enough.
  if (error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help')) {
    return error.exitCode;
  }
  // The user asked to stop, and knows it.
  if (error instanceof Error && error.name === 'AbortError') return 130;
  process.stderr.write(`error: ${describeError(error, command)}\n`);
  // An error of an older copy of core has no hints, and no lists.
  const hints = DraftError.is(error) ? (error.hints ?? []) : [];
  for (const hint of hints) process.stderr.write(`  ${hint}\n`);
  if (process.env.DRAFT_DEBUG === '1') {
    for (let current = error; current instanceof Error; current = current.cause) {
      const lists = DraftError.is(current) ? Object.entries(current.details ?? {}) : [];
      for (const [kind, list] of lists)
        process.stderr.write(list.map((item) => `${kind}: ${item}\n`).join(''));
      const code = DraftError.is(current) ? `${current.code}: ` : '';
      process.stderr.write(`${code}${current.stack ?? current.message}\n`);
    }
  }
  return 1;
};
