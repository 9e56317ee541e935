import type { PickleStorage, PickleValue } from './pickle-value.js';

/** A PyTorch file whose pickle has been read and whose numbers are still on the disk. */
export interface PytorchContent {
  readonly root: PickleValue;
  /** Reads bytes of a storage, whose number has been checked, and where the format has checksums, they too. */
  read(storage: PickleStorage, offset: number, length: number): Uint8Array<ArrayBuffer>;
}
