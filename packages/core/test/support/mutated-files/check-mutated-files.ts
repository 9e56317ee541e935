// Loads mutated files one after the other: node … check-mutated-files.ts COUNT FILE. Prints how often what happened, or
// fails. It is a program of its own so that memory and time can be limited from outside.
import { writeFileSync } from 'node:fs';
import { openCheckpoint } from '../../../src/checkpoints/open-checkpoint.js';
import { DraftError } from '../../../src/errors/draft-error.js';
import { numbers } from './mutate.js';
import { mutatedFile } from './mutated-file.js';
import type { StoredTensor } from './reference-torch-file.js';

const plain = (tensors: ReadonlyMap<string, StoredTensor>): string =>
  [...tensors]
    .map(([name, { dtype, shape, bytes }]) => `${name} ${dtype} [${shape}] ${bytes.toString('hex')}\n`)
    .join('');

function load(path: string): ReadonlyMap<string, StoredTensor> {
  const source = openCheckpoint(path);
  try {
    const tensors = new Map<string, StoredTensor>();
    for (const [name, { dtype, shape, byteLength }] of source.entries) {
      const bytes = Buffer.from(source.read(name));
      if (bytes.length !== byteLength) throw new Error(`Another size of ${name}.`);
      tensors.set(name, { dtype, shape, bytes });
    }
    return tensors;
  } finally {
    source.close();
  }
}

/** Null where the file is refused as it should be. */
function loadOrRefuse(path: string): ReadonlyMap<string, StoredTensor> | null {
  try {
    return load(path);
  } catch (cause) {
    // No other code: an array that is too large for the machine would be a file that cannot be read.
    if (!DraftError.is(cause) || !/^DRAFT_(PYTORCH|SAFETENSORS)_/.test(cause.code)) throw cause;
    if (!/^[^\n]{20,800}$/.test(cause.message)) throw new Error(`The sentence is: ${cause.message}`);
    return null;
  }
}

/** Bytes of the heap and of buffers: what lives, and what nobody has collected yet. */
const held = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const [, , count = '0', path = ''] = process.argv;
const draw = numbers(20261121);
const outcomes = { same: 0, other: 0, refused: 0, slowest: 0, largest: 0 };
const before = held();
for (let round = 0; round < Number(count); round += 1) {
  const { bytes, expected, original } = mutatedFile(round, draw);
  writeFileSync(path, bytes);
  const start = process.cpuUsage();
  let loaded: ReadonlyMap<string, StoredTensor> | null;
  try {
    loaded = loadOrRefuse(path);
  } catch (cause) {
    throw new Error(`Round ${round} failed.`, { cause });
  }
  const { user, system } = process.cpuUsage(start);
  outcomes.slowest = Math.max(outcomes.slowest, user + system);
  outcomes.largest = Math.max(outcomes.largest, held() - before);
  if (!loaded) outcomes.refused += 1;
  else {
    const [found, wanted] = [plain(loaded), plain(expected())];
    if (found !== wanted) throw new Error(`Round ${round} gives\n${found}\nwhere the file says\n${wanted}`);
    outcomes[found === plain(original) ? 'same' : 'other'] += 1;
  }
}
console.log(JSON.stringify(outcomes));
