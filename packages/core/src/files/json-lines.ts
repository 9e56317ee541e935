import { closeSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { DraftError } from '../errors/draft-error.js';
import { explainFileError } from './explain-file-error.js';
import { writeFully } from './replace-file.js';

/** A file to which one JSON value a line is added. */
export interface JsonLinesWriter {
  /** Lines that the file had already and keeps. */
  readonly kept: number;
  /** Adds one line in one piece, so that a process killed at any time leaves whole lines, save the last. */
  append(value: unknown): void;
  /** Closes the file; calling it twice is harmless. */
  close(): void;
}

/** How an existing file is continued. */
export interface JsonLinesOptions {
  /**
   * Lines to keep at most; those after them are dropped, for example those later than a checkpoint.
   * @default Infinity
   */
  readonly keep?: number;
}

interface Line {
  readonly value: unknown;
  /** Where the line ends in the file, its newline included. */
  readonly end: number;
}

function parse(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

/** The whole lines of a file; a last one that is torn does not count. */
function scan(path: string): Line[] {
  const bytes = readFileSync(path);
  const lines: Line[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(10, start);
    if (newline < 0) break;
    const line = parse(bytes.toString('utf8', start, newline));
    if (!line) {
      if (newline === bytes.length - 1) break;
      throw new DraftError(
        'DRAFT_JSON_LINES_INVALID',
        `Line ${lines.length + 1} of ${path} is not valid JSON.`,
      );
    }
    start = newline + 1;
    lines.push({ value: line.value, end: start });
  }
  return lines;
}

/**
 * Reads a file of one JSON value a line; a last line torn by a kill is left out.
 * @throws DraftError `DRAFT_FILE_NOT_FOUND` or `DRAFT_JSON_LINES_INVALID` naming the line.
 */
export function readJsonLines(path: string): unknown[] {
  try {
    return scan(path).map((line) => line.value);
  } catch (cause) {
    throw explainFileError(cause, { action: 'read', path });
  }
}

/**
 * Opens a file of one JSON value a line for adding to it, after cutting off a last line torn by a kill.
 * @throws DraftError `DRAFT_JSON_LINES_INVALID` where an earlier line is no JSON, or an error of the disk.
 */
export function openJsonLines(path: string, { keep = Infinity }: JsonLinesOptions = {}): JsonLinesWriter {
  let descriptor: number | null = null;
  let kept: Line[];
  try {
    descriptor = openSync(path, 'a');
    kept = scan(path).slice(0, keep);
    ftruncateSync(descriptor, kept.at(-1)?.end ?? 0);
  } catch (cause) {
    if (descriptor !== null) closeSync(descriptor);
    throw explainFileError(cause, { action: 'write', path });
  }
  return {
    kept: kept.length,
    append(value) {
      if (descriptor === null) throw new DraftError('DRAFT_FILE_CLOSED', `${path} is closed already.`);
      const bytes = new TextEncoder().encode(`${JSON.stringify(value)}\n`);
      try {
        writeFully(descriptor, bytes);
      } catch (cause) {
        throw explainFileError(cause, { action: 'write', path, bytes: bytes.length });
      }
    },
    close() {
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
    },
  };
}
