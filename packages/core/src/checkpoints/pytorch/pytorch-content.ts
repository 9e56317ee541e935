import type { PickleStorage, PickleValue } from './pickle-value.js';

/** A PyTorch file whose pickle has been read and whose numbers are still on the disk. */
export interface PytorchContent {
  readonly root: PickleValue;
  /** Where the bytes of a storage begin in the file; their number has been checked. */
  positionOf(storage: PickleStorage): number;
}
