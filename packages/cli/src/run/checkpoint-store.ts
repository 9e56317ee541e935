import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
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
}

/** The checkpoints of one run; each is a folder that exists only when it is complete. */
export interface CheckpointStore {
  write(content: CheckpointContent): void;
  /** The latest one; undefined where there is none. */
  latest(): CheckpointContent | undefined;
}

const complete = /^\d{6,}$/;

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
    write({ iteration, tensors, state }) {
      const name = String(iteration).padStart(6, '0');
      const target = join(folder, name);
      const temporary = join(folder, `.${name}.${process.pid}.part`);
      try {
        rmSync(temporary, { recursive: true, force: true });
        mkdirSync(temporary, { recursive: true });
        const stored: Record<string, TensorToStore> = { ...tensors };
        writeSafetensors(join(temporary, 'tensors.safetensors'), stored);
        writeFileAtomically(join(temporary, 'state.json'), JSON.stringify({ iteration, state }));
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
      const name = list().at(-1);
      if (name === undefined) return undefined;
      const json = readRunJson(join(folder, name, 'state.json')) as { iteration?: unknown; state?: unknown };
      if (typeof json.iteration !== 'number') {
        throw new DraftError(
          'DRAFT_RUN_DAMAGED',
          `The checkpoint ${join(folder, name)} is damaged: remove its folder to go on from the one before.`,
        );
      }
      const { tensors } = readSafetensors(join(folder, name, 'tensors.safetensors'));
      return { iteration: json.iteration, tensors: Object.fromEntries(tensors), state: json.state };
    },
  };
};
