import { closeSync, openSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { explainFileError, makeFolder } from '@draft/core';
import { maskedCrc32c } from './crc32c.js';
import { eventMessage, type TensorBoardEvent } from './event-message.js';

/** A file that TensorBoard reads, to which events are added. */
export interface EventFile {
  add(event: Omit<TensorBoardEvent, 'wallTime'>): void;
  close(): void;
}

/** A record of a TFRecord file: length, its checksum, content, its checksum. */
export const recordOf = (content: Uint8Array): Uint8Array => {
  const record = new Uint8Array(content.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(content.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(content, 12);
  view.setUint32(12 + content.length, maskedCrc32c(content), true);
  return record;
};

/**
 * Starts an event file in a folder. A run that is gone on from gets another one beside those that are there.
 * @param from The next step: what earlier files hold of it and of later ones is void.
 * @param now Milliseconds.
 */
export const openEventFile = (folder: string, from: number, now: () => number): EventFile => {
  makeFolder(folder);
  const path = join(folder, `events.out.tfevents.${now()}.${hostname()}.${process.pid}`);
  let file: number | undefined;
  const write = (event: Omit<TensorBoardEvent, 'wallTime'>): void => {
    if (file === undefined) return;
    try {
      writeSync(file, recordOf(eventMessage({ ...event, wallTime: now() / 1000 })));
    } catch (cause) {
      throw explainFileError(cause, { action: 'write', path });
    }
  };
  try {
    file = openSync(path, 'wx');
  } catch (cause) {
    throw explainFileError(cause, { action: 'write', path });
  }
  write({ step: 0, fileVersion: 'brain.Event:2' });
  write({ step: from, starts: true });
  return {
    add: write,
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
};
