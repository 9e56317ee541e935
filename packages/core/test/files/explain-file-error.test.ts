import { expect, it } from 'vitest';
import { explainFileError } from '../../src/files/explain-file-error.js';

it.each([
  ['EOF', 'DRAFT_FILE_CHANGED', 'w.safetensors was cut short after it had been opened.'],
  [
    'ENOMEM',
    'DRAFT_FILE_FAILED',
    'w.safetensors cannot be read: there is not enough memory. Close other programs and run again.',
  ],
  ['EIO', 'DRAFT_FILE_FAILED', 'w.safetensors cannot be read: EIO.'],
] as const)('%s of the operating system becomes one sentence', (code, name, message) => {
  const cause = Object.assign(new Error('a weight cannot be read'), { code });
  expect(explainFileError(cause, { action: 'read', path: 'w.safetensors' })).toMatchObject({
    ...{ code: name, message, cause },
  });
});
