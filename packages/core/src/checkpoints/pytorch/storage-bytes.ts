import type { PickleStorage } from './pickle-value.js';
import { itemSize } from './tensor-view.js';

/** How many bytes a storage has, by its description. */
export const storageBytes = ({ type, count }: Pick<PickleStorage, 'type' | 'count'>): number =>
  type === 'untyped' ? count : count * itemSize(type);
