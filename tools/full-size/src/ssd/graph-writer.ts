import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandomSource } from '@draft/core';

type Attributes = Readonly<Record<string, unknown>>;

interface Constant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly values: () => Float32Array | Int32Array;
}

/** Collects the nodes of a graph of TensorFlow 1 with random weights. Every method gives the name of its node. */
export interface GraphWriter {
  node(name: string, op: string, input: readonly string[], attributes?: Attributes): string;
  /** Random numbers of the given spread around a centre. */
  weight(name: string, shape: readonly number[], spread: number, centre?: number): string;
  number(name: string, value: number): string;
  integers(name: string, values: readonly number[] | number): string;
  /** Names and shapes of the weights, in their order. */
  weights(): readonly (readonly [name: string, shape: readonly number[]])[];
  /** Writes `model.json` and its shards. @returns Their names, and how many numbers they hold. */
  write(folder: string): { readonly files: readonly string[]; readonly numbers: number };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const toBytes = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Shards of the published models have 4 MiB. */
const shardBytes = 4 * 2 ** 20;

/** Begins a graph. */
export function createGraphWriter(): GraphWriter {
  const nodes: unknown[] = [];
  const constants: Constant[] = [];
  const node: GraphWriter['node'] = (name, op, input, attr = {}) => {
    nodes.push({ name, op, input, attr });
    return name;
  };
  const constant = (entry: Constant, type: number): string => {
    constants.push(entry);
    return node(entry.name, 'Const', [], { dtype: { type } });
  };
  return {
    node,
    weight(name, shape, spread, centre = 0) {
      const random = createRandomSource(1, name);
      const values = () => random.normal(sizeOf(shape)).map((x) => centre + spread * x);
      return constant({ name, shape, dtype: 'float32', values }, 1);
    },
    number: (name, value) =>
      constant({ name, shape: [], dtype: 'float32', values: () => Float32Array.of(value) }, 1),
    integers(name, values) {
      const list = Int32Array.from([values].flat());
      const shape = typeof values === 'number' ? [] : [list.length];
      return constant({ name, shape, dtype: 'int32', values: () => list }, 3);
    },
    weights: () =>
      constants.flatMap(({ name, shape, dtype }) => (dtype === 'float32' ? [[name, shape] as const] : [])),
    write(folder) {
      const bytes = Buffer.concat(constants.map(({ values }) => toBytes(values())));
      const count = Math.ceil(bytes.length / shardBytes);
      const paths = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}`);
      for (const [i, path] of paths.entries()) {
        writeFileSync(join(folder, path), bytes.subarray(i * shardBytes, (i + 1) * shardBytes));
      }
      const manifest = [
        { paths, weights: constants.map(({ name, shape, dtype }) => ({ name, shape, dtype })) },
      ];
      const modelTopology = { node: nodes, library: { function: [], gradient: [] }, versions: {} };
      const model = { modelTopology, weightsManifest: manifest };
      writeFileSync(join(folder, 'model.json'), JSON.stringify(model));
      return { files: ['model.json', ...paths], numbers: bytes.length / 4 };
    },
  };
}
