import type { TensorSource } from '@draft/core';

/**
 * Lets several components read from one file, which is closed with the last of them that is open: open all before
 * closing one.
 * @returns Makes one more view of the file.
 */
export function shareSource(source: TensorSource): () => TensorSource {
  let open = 0;
  return () => {
    let closed = false;
    open += 1;
    return {
      ...source,
      close() {
        if (closed) return;
        closed = true;
        open -= 1;
        if (open === 0) source.close();
      },
    };
  };
}
