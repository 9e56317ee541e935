import { renameTensors, type TensorSource } from '@draft/core';
import { expect, it, vi } from 'vitest';

const entry = { dtype: 'F32', shape: [1], byteLength: 4 } as const;
const source = {
  path: 'weights',
  entries: new Map(['old.a', 'old.b', 'b'].map((name) => [name, entry])),
  read: vi.fn((_: string) => new Uint8Array(4)),
  close: vi.fn(),
} satisfies TensorSource;

it('shows tensors under other names and reads them by their own', () => {
  const renamed = renameTensors(
    source,
    (name) => name.replace(/^old\./, ''),
    (name) => `old.${name}`,
  );
  // Of two that would be called b, none is lost.
  expect([...renamed.entries.keys()]).toEqual(['a', 'old.b', 'b']);
  renamed.read('a');
  expect(source.read).toHaveBeenLastCalledWith('old.a');
  expect(renamed.nameInFile?.('a')).toBe('old.a');
  expect(renamed.nameInFile?.('missing')).toBe('old.missing');
  renamed.close();
  expect(source.close).toHaveBeenCalledOnce();
});
