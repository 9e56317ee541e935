import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  DraftError,
  explainFileError,
  readSafetensors,
  type TensorToStore,
  writeFileAtomically,
  writeSafetensors,
} from '@draft/core';
import { readRunJson } from './run-folder.js';

/** What a checkpoint holds: named numbers, and everything else as JSON. */
export interface CheckpointContent {
  readonly iteration: number;
  readonly tensors: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>
  >;
  readonly state: unknown;
  /** What was seen of the run so far; absent where nothing was. */
  readonly watch?: unknown;
}

/** A checkpoint that was read. */
export interface StoredCheckpoint extends CheckpointContent {
  /** Where it is, and what files it keeps beside its own. */
  readonly folder: string;
}

/** The checkpoints of one run; each is a folder that exists only when it is complete. */
export interface CheckpointStore {
  /** @param files Files of the run that are copied into it. */
  write(content: CheckpointContent, files?: readonly string[]): void;
  /** The latest one; undefined where there is none. */
  latest(): StoredCheckpoint | undefined;
}

const complete = /^\d{6,}$/;

const damages: readonly string[] = ['DRAFT_RUN_DAMAGED', 'DRAFT_SAFETENSORS_INVALID', 'DRAFT_FILE_NOT_FOUND'];

/** Reads one checkpoint, which is the latest of `count`. */
const readCheckpoint = (path: string, count: number): StoredCheckpoint => {
  const damaged = (cause?: unknown) =>
    new DraftError(
      'DRAFT_RUN_DAMAGED',
      `The checkpoint ${path} is damaged: ${count > 1 ? 'remove its folder to go on from the one before.' : 'there is no other to go on from.'}`,
      { cause },
    );
  try {
    const json = readRunJson(join(path, 'state.json')) as {
      iteration?: unknown;
      state?: unknown;
      watch?: unknown;
    } | null;
    if (typeof json?.iteration !== 'number') throw damaged();
    const { tensors } = readSafetensors(join(path, 'tensors.safetensors'));
    return {
      iteration: json.iteration,
      tensors: Object.fromEntries(tensors),
      state: json.state,
      ...(json.watch === undefined ? {} : { watch: json.watch }),
      folder: path,
    };
  } catch (cause) {
    throw DraftError.is(cause) && damages.includes(cause.code) ? damaged(cause) : cause;
  }
};

/**
 * Opens the checkpoints of a run.
 * @param keep How many are kept, the latest ones.
 */
export const openCheckpoints = (folder: string, keep: number): CheckpointStore => {
  const list = (): readonly string[] =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => complete.test(name))
          .sort((a, b) => Number(a) - Number(b))
      : [];
  return {
    write({ iteration, tensors, state, watch }, files = []) {
      const name = String(iteration).padStart(6, '0');
      const target = join(folder, name);
      const temporary = join(folder, `.${name}.${process.pid}.part`);
      try {
        rmSync(temporary, { recursive: true, force: true });
        mkdirSync(temporary, { recursive: true });
        const stored: Record<string, TensorToStore> = { ...tensors };
        writeSafetensors(join(temporary, 'tensors.safetensors'), stored);
        for (const file of files) copyFileSync(file, join(temporary, basename(file)));
        writeFileAtomically(join(temporary, 'state.json'), JSON.stringify({ iteration, state, watch }));
        rmSync(target, { recursive: true, force: true });
        renameSync(temporary, target);
      } catch (cause) {
        const reason = explainFileError(cause, { action: 'write', path: target });
        rmSync(temporary, { recursive: true, force: true });
        throw reason;
      }
      for (const old of list().slice(0, -keep)) rmSync(join(folder, old), { recursive: true, force: true });
    },
    latest() {
      const names = list();
      const name = names.at(-1);
      return name === undefined ? undefined : readCheckpoint(join(folder, name), names.length);
    },
  };
};
