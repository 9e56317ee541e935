import { DraftError } from '../../errors/draft-error.js';
import { openRandomAccess, type RandomAccessFile } from '../../files/random-access-file.js';
import type { TensorEntry, TensorSource } from '../tensor-source.js';
import { readLegacyContent } from './legacy-content.js';
import type { PytorchContent } from './pytorch-content.js';
import { pytorchError, pytorchRefusal } from './pytorch-error.js';
import { stateDict } from './state-dict.js';
import { countOf, gatherView, isContiguous, itemSize, spanOf } from './tensor-view.js';
import { readZipContent } from './zip-content.js';

/** How a PyTorch file begins. */
export const pytorchFormat = (start: Uint8Array): 'zip' | 'legacy' | null => {
  const begins = (...bytes: readonly number[]) => bytes.every((byte, index) => start[index] === byte);
  if (begins(0x50, 0x4b, 3, 4)) return 'zip';
  // A pickle of protocol 2 that holds a long whole number: the magic number of the old format.
  return begins(0x80, 2, 0x8a, 10) ? 'legacy' : null;
};

function readContent(file: RandomAccessFile): PytorchContent {
  const start = file.read(0, Math.min(file.size, 512));
  const format = pytorchFormat(start);
  if (format === 'zip') return readZipContent(file);
  if (format === 'legacy') return readLegacyContent(file);
  if (new TextDecoder().decode(start.subarray(257, 262)) === 'ustar') {
    throw pytorchError(
      file.path,
      'it is a tar archive, the first of its formats; save it with a newer PyTorch',
    );
  }
  if (start[0] === 0x80) throw pytorchRefusal(file.path, 'is a plain pickle');
  throw pytorchError(file.path, 'it begins neither like an archive nor like the older format');
}

/**
 * Opens weights that PyTorch has saved (`.pt`, `.pth`, `.bin`, `.ckpt`), in the format since 1.6 or the one before.
 * No code of the file is ever run: its pickle may refer only to a short list of names, each of which has a fixed
 * meaning here. Sizes, offsets and strides are checked against the file; numbers are read one tensor at a time,
 * and compared with the checksum that the format since 1.6 has for them.
 * @throws DraftError naming the file: `DRAFT_PYTORCH_INVALID`; `DRAFT_PYTORCH_REFUSED` with the name that it
 * refers to; `DRAFT_FILE_NOT_FOUND`, …
 */
export function openPytorch(path: string): TensorSource {
  const file = openRandomAccess(path);
  try {
    const { root, read } = readContent(file);
    const views = stateDict(root, path);
    const entries = new Map<string, TensorEntry>();
    for (const [name, { dtype, shape }] of views) {
      entries.set(name, { dtype, shape, byteLength: countOf(shape) * itemSize(dtype) });
    }
    return {
      path,
      entries,
      read(name) {
        const view = views.get(name);
        if (!view) throw new DraftError('DRAFT_TENSOR_MISSING', `${path} holds no tensor called ${name}.`);
        const size = itemSize(view.dtype);
        const span = read(view.storage, view.offset * size, spanOf(view) * size);
        return isContiguous(view) ? span : gatherView(view, span);
      },
      close: file.close,
    };
  } catch (cause) {
    file.close();
    throw cause;
  }
}
