import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DraftError, tf, writeSafetensors } from '@draft/core';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { loadParts } from '../../src/load-stable-diffusion.js';
import {
  readConfiguredArchitecture,
  type SingleFileConfigs,
} from '../../src/single-file/configured-architecture.js';
import { openSingleFile } from '../../src/single-file/open-single-file.js';
import { fixturePath, temporaryFolder } from '../support/checkpoint-folder.js';
import { createTestRuntime } from '../support/eager-runtime.js';
import { singleFileTensors, writeSingleFile } from '../support/write-single-file.js';

let configs: SingleFileConfigs;
beforeAll(async () => {
  await tf.setBackend('cpu');
  configs = await readConfiguredArchitecture(fixturePath('tiny/pipeline'));
});

const openFiles = () => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);

/** Loads a file. It is loaded, or refused in one sentence that names it; nothing is left open or in memory. */
async function loadedOrRefused(path: string): Promise<void> {
  const [tensors, files] = [tf.memory().numTensors, openFiles()];
  try {
    const model = await loadParts(openSingleFile(path, configs), { runtime: createTestRuntime() });
    model.dispose();
  } catch (error) {
    if (!DraftError.is(error)) throw error;
    expect(error.message).toContain(path);
    expect(error.message).toMatch(/\.$/);
  }
  expect(tf.memory().numTensors).toBe(tensors);
  expect(openFiles()).toBe(files);
}

/** Damages to bytes: some changed, cut off, or with some more. */
const damage = fc.oneof(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    to: fc.uint8Array({ minLength: 1, maxLength: 8 }),
  }),
  fc.record({ keep: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({ more: fc.uint8Array({ minLength: 1, maxLength: 64 }) }),
);

it.each(['safetensors', 'ckpt'])(
  'a damaged %s is loaded or refused',
  async (ending) => {
    const path = join(temporaryFolder(), `model.${ending}`);
    if (ending === 'ckpt') writeFileSync(path, readFileSync(fixturePath('tiny/model.ckpt')));
    else writeSingleFile(fixturePath('tiny/pipeline'), path);
    await loadedOrRefused(path);
    const whole = readFileSync(path);
    // Most of a file is numbers: half of the damages go to where names and shapes are.
    const focus = ending === 'ckpt' ? whole.length : 20_000;
    await fc.assert(
      fc.asyncProperty(
        fc.array(damage, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (list, early) => {
          let bytes = Buffer.from(whole);
          for (const one of list) {
            const size = early ? Math.min(focus, bytes.length) : bytes.length;
            if ('to' in one)
              bytes.set(one.to.subarray(0, bytes.length), Math.floor(one.at * Math.max(0, size - 8)));
            else if ('keep' in one) bytes = bytes.subarray(0, Math.floor(one.keep * bytes.length));
            else bytes = Buffer.concat([bytes, one.more]);
          }
          writeFileSync(path, bytes);
          await loadedOrRefused(path);
        },
      ),
      { numRuns: 20, seed: 1 },
    );
  },
  300_000,
);

it('a file with tensors that are missing, renamed or of another shape is refused, in the names of the file', async () => {
  const tensors = [...singleFileTensors(fixturePath('tiny/pipeline'))];
  const path = join(temporaryFolder(), 'model.safetensors');
  await fc.assert(
    fc.asyncProperty(
      fc.nat(tensors.length - 1),
      fc.constantFrom('remove', 'rename', 'reshape', 'retype'),
      async (index, how) => {
        const changed = new Map(tensors);
        const [name, { shape }] = tensors[index]!;
        changed.delete(name);
        if (how === 'rename') changed.set(name.slice(0, -1), tensors[index]![1]);
        if (how === 'reshape')
          changed.set(name, {
            shape: [...shape, 2],
            data: new Float32Array(2 * shape.reduce((a, b) => a * b, 1)),
          });
        if (how === 'retype') {
          const bytes = new Uint8Array(8 * shape.reduce((a, b) => a * b, 1));
          changed.set(name, { dtype: 'I64', shape, data: bytes });
        }
        writeSafetensors(path, changed);
        await loadedOrRefused(path);
      },
    ),
    { numRuns: 12, seed: 2 },
  );
}, 300_000);
