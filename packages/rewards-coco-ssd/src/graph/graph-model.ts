import { DraftError } from '@draft/core';

/** A value that an operation is set by, as TensorFlow's JSON has it. */
export interface GraphAttribute {
  readonly i?: string | number;
  readonly f?: number;
  readonly b?: boolean;
  /** Base64, or the bytes. */
  readonly s?: string | readonly number[];
  readonly list?: {
    readonly i?: readonly (string | number)[];
    readonly s?: readonly (string | readonly number[])[];
  };
  readonly shape?: { readonly dim?: readonly { readonly size?: string | number }[] };
}

/** An operation of a graph. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, GraphAttribute>>;
}

/** How a constant is stored among the weights. */
export interface StoredConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: {
    readonly dtype: string;
    readonly scale?: number;
    readonly min?: number;
  };
}

/** A graph model of TensorFlow.js: what `model.json` says. */
export interface GraphModel {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly groups: readonly {
    readonly paths: readonly string[];
    readonly constants: readonly StoredConstant[];
  }[];
  /** What its author says of it, `userDefinedMetadata`. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const texts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const sides = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((side) => Number.isInteger(side) && side >= 0);

const parseNode = (value: unknown): GraphNode | undefined => {
  if (!isObject(value)) return undefined;
  const { name, op, input = [], attr = {} } = value;
  if (typeof name !== 'string' || typeof op !== 'string' || !texts(input) || !isObject(attr))
    return undefined;
  return { name, op, input, attr: attr as GraphNode['attr'] };
};

const parseConstant = (value: unknown): StoredConstant | undefined => {
  if (!isObject(value) || typeof value.name !== 'string' || typeof value.dtype !== 'string') return undefined;
  if (!sides(value.shape) || !(value.quantization === undefined || isObject(value.quantization)))
    return undefined;
  return value as unknown as StoredConstant;
};

const allOf = <T>(items: unknown, parse: (item: unknown) => T | undefined): readonly T[] | undefined => {
  if (!Array.isArray(items)) return undefined;
  const parsed = items.map(parse);
  return parsed.every((item) => item !== undefined) ? (parsed as T[]) : undefined;
};

/**
 * Reads what a `model.json` says.
 * @param name How messages call it.
 * @throws DraftError `DRAFT_MODEL_INVALID` where it is no graph model.
 */
export const parseGraphModel = (content: unknown, name: string): GraphModel => {
  const { modelTopology, weightsManifest, userDefinedMetadata } = isObject(content) ? content : {};
  const nodes = allOf(isObject(modelTopology) ? modelTopology.node : undefined, parseNode);
  const groups = allOf(weightsManifest, (group) => {
    const constants = allOf(isObject(group) ? group.weights : undefined, parseConstant);
    const paths = isObject(group) && texts(group.paths) ? group.paths : undefined;
    return constants && paths ? { paths, constants } : undefined;
  });
  if (nodes === undefined || groups === undefined) {
    throw new DraftError(
      'DRAFT_MODEL_INVALID',
      `${name} is no graph model of TensorFlow.js: a model.json with modelTopology.node and weightsManifest is needed.`,
    );
  }
  const metadata = isObject(userDefinedMetadata) ? userDefinedMetadata : {};
  return { nodes: new Map(nodes.map((node) => [node.name, node])), groups, metadata };
};

const text = (value: string | readonly number[] | undefined): string =>
  typeof value === 'string'
    ? Buffer.from(value, 'base64').toString('latin1')
    : String.fromCharCode(...(value ?? []));

/** A text of an attribute, which JSON holds as base64 or as bytes. */
export const textAttribute = (node: GraphNode, key: string): string => text(node.attr[key]?.s);

/** A list of texts of an attribute. */
export const textsAttribute = (node: GraphNode, key: string): readonly string[] =>
  (node.attr[key]?.list?.s ?? []).map(text);

/** A list of whole numbers of an attribute. */
export const integersAttribute = (node: GraphNode, key: string): readonly number[] =>
  (node.attr[key]?.list?.i ?? []).map(Number);

/** A whole number of an attribute. */
export const integerAttribute = (node: GraphNode, key: string, fallback = 0): number =>
  Number(node.attr[key]?.i ?? fallback);
