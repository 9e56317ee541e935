/** A value of an attribute in TensorFlow's JSON. */
type Attribute = Readonly<Record<string, unknown>>;

interface Node {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, Attribute>>;
}

/** A graph model of TensorFlow.js while it is written: every method adds a node and returns its name. */
export interface GraphWriter {
  node(
    name: string,
    op: string,
    input: readonly string[],
    attr?: Readonly<Record<string, Attribute>>,
  ): string;
  /** Numbers, stored in float16. */
  floats(name: string, shape: readonly number[], values: Float32Array): string;
  /** Numbers whose precision counts, stored in float32. */
  exact(name: string, shape: readonly number[], values: readonly number[]): string;
  /** Whole numbers; one is a scalar, a list a vector. */
  integers(name: string, values: number | readonly number[]): string;
  /** What `model.json` says, and the bytes of the weights. */
  finish(
    extra: Readonly<Record<string, unknown>>,
    path: string,
  ): { readonly json: object; readonly bytes: Buffer };
}

/** A text as TensorFlow's JSON has it. */
export const text = (value: string): Attribute => ({ s: Buffer.from(value).toString('base64') });

/** Whole numbers as TensorFlow's JSON has them. */
export const numbers = (values: readonly number[]): Attribute => ({ list: { i: values.map(String) } });

/** Types of elements, by their names in JSON. */
export const types = { float: { type: 'DT_FLOAT' }, integer: { type: 'DT_INT32' } } as const;

const half = new DataView(new ArrayBuffer(4));

/** Rounds to the nearest number of float16; what is smaller than its smallest normal number becomes 0. */
export const toFloat16 = (value: number): number => {
  half.setFloat32(0, value);
  const bits = half.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = (bits & 0x7fffffff) + 0x1000; // half of the last place that is kept
  const exponent = (magnitude >>> 23) - 112;
  if (exponent <= 0) return sign;
  if (exponent >= 31) throw new Error(`${value} is too large for float16.`);
  return sign | (exponent << 10) | ((magnitude >>> 13) & 0x3ff);
};

/** Begins a graph model. */
export function createGraphWriter(): GraphWriter {
  const nodes: Node[] = [];
  const weights: object[] = [];
  const parts: Uint8Array[] = [];
  const constant = (
    name: string,
    dtype: 'float32' | 'int32',
    shape: readonly number[],
    rest = {},
  ): string => {
    const type = dtype === 'float32' ? types.float : types.integer;
    nodes.push({ name, op: 'Const', input: [], attr: { dtype: type } });
    weights.push({ name, shape, dtype, ...rest });
    return name;
  };
  const bytesOf = (list: { buffer: ArrayBufferLike; byteOffset: number; byteLength: number }) =>
    new Uint8Array(list.buffer, list.byteOffset, list.byteLength);
  return {
    node(name, op, input, attr = {}) {
      nodes.push({ name, op, input, attr });
      return name;
    },
    floats(name, shape, values) {
      parts.push(bytesOf(Uint16Array.from(values, toFloat16)));
      return constant(name, 'float32', shape, {
        quantization: { dtype: 'float16', original_dtype: 'float32' },
      });
    },
    exact(name, shape, values) {
      parts.push(bytesOf(Float32Array.from(values)));
      return constant(name, 'float32', shape);
    },
    integers(name, values) {
      parts.push(bytesOf(Int32Array.from([values].flat())));
      return constant(name, 'int32', typeof values === 'number' ? [] : [values.length]);
    },
    finish(extra, path) {
      const json = {
        format: 'graph-model',
        generatedBy: 'draft',
        convertedBy: null,
        ...extra,
        modelTopology: { node: nodes, library: {}, versions: {} },
        weightsManifest: [{ paths: [path], weights }],
      };
      return { json, bytes: Buffer.concat(parts) };
    },
  };
}
