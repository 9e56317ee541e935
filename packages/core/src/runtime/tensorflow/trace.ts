import { DraftError } from '../../errors/draft-error.js';
import { AttributeKind, type Binding, ElementType, type OpAttribute } from './binding.js';
import type { GraphNode } from './graph-def.js';
import { type NativeOp, nativeNode, nativeOps, withTypes } from './native-ops.js';
import { computeTypeOf, isProduct, type Precision } from './precision.js';
import { booleanOps, shapeRules, splitShapes, valueDependentOps } from './shape-rules.js';

/** A value inside a graph that is being recorded. */
export interface Symbol {
  /** The recording that it belongs to. */
  readonly trace: Trace;
  readonly node: string;
  readonly output: number;
  readonly shape: readonly number[];
  /** TensorFlow's number of its element type in the graph. */
  readonly type: number;
  /** Numbers, where it is a constant. */
  readonly constant?: { readonly values: ArrayLike<number>; readonly weak: boolean };
}

/** A recorded graph, ready to become a function. */
export interface RecordedGraph {
  /** Names of the nodes for the arguments, then for the captured tensors. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** All that the results depend on, in the order in which it was recorded. */
  readonly nodes: readonly GraphNode[];
}

/** Records ops as nodes of one TensorFlow graph. */
export interface Trace {
  /** An argument of the function. */
  argument(type: number, shape: readonly number[]): Symbol;
  /** A small constant, kept in the graph. */
  constant(dtype: number, shape: readonly number[], values: ArrayLike<number>): Symbol;
  /** Records one op. */
  add(op: string, attributes: readonly OpAttribute[], inputs: readonly Symbol[], outputs: number): Symbol[];
  /** The same value, not to be computed before `dependency`. */
  after(value: Symbol, dependency: Symbol): Symbol;
  /** Says which part of the function the next ops are. @returns Which one the ops before were. */
  enter(section: string): string;
  /** Ends the recording. Results are float32 where they are floating-point. */
  finish(results: readonly Symbol[]): RecordedGraph;
}

const isFloating = (type: number) => type === ElementType.float32 || type === ElementType.bfloat16;

const toContent = (dtype: number, values: ArrayLike<number>): Uint8Array => {
  const array =
    dtype === ElementType.float32
      ? Float32Array.from(values)
      : dtype === ElementType.bool
        ? Uint8Array.from(values)
        : dtype === ElementType.int32
          ? Int32Array.from(values)
          : BigInt64Array.from(Array.from(values, BigInt));
  return new Uint8Array(array.buffer);
};

const reference = (value: Symbol) => `${value.node}:${value.output}`;

/** The nodes that the results depend on, in their order: gradients that nobody asked for are left out. */
const reachable = (nodes: readonly GraphNode[], roots: readonly string[]): GraphNode[] => {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const wanted = new Set(roots);
  const queue = [...roots];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    for (const input of byName.get(name)?.inputs ?? []) {
      const source = input.replace(/^\^|:\d+$/g, '');
      if (wanted.has(source)) continue;
      wanted.add(source);
      queue.push(source);
    }
  }
  return nodes.filter(({ name }) => wanted.has(name));
};

/** Starts a recording. */
export const createTrace = (binding: Binding, precision: Precision): Trace => {
  const nodes: GraphNode[] = [];
  const inputs: string[] = [];
  const casts = new Map<string, Symbol>();
  // Shapes, axes and factors recur by the thousand.
  const constants = new Map<string, Symbol>();

  let section = '';

  /** What is before the last slash is the section. */
  const nodeName = (): string => {
    const path = section.replace(/[^A-Za-z0-9.]+/g, '-').replace(/^-|-$/g, '');
    return `${path === '' ? '' : `${path}/`}n${nodes.length}`;
  };

  const type = (name: string, value: number): OpAttribute => ({ name, type: AttributeKind.type, value });

  const emit = (
    op: string,
    operands: readonly string[],
    attributes: readonly OpAttribute[],
    results: GraphNode['results'] & object,
  ) => {
    const name = nodeName();
    nodes.push({ name, op, inputs: operands, attributes, results });
    return name;
  };

  const convert = (value: Symbol, target: number, dependencies: readonly string[] = []): Symbol => {
    const attributes = [type('SrcT', value.type), type('DstT', target)];
    const operands = [reference(value), ...dependencies];
    const node = emit('Cast', operands, attributes, [{ shape: value.shape, type: target }]);
    return { trace, node, output: 0, shape: value.shape, type: target };
  };

  const cast = (value: Symbol, target: number): Symbol => {
    if (value.type === target || !isFloating(value.type)) return value;
    const key = `${reference(value)}>${target}`;
    const result = casts.get(key) ?? convert(value, target);
    casts.set(key, result);
    return result;
  };

  /** A weight that is widened is so for one product, and not before the other factor is there: all at once are too many. */
  const factors = (operands: readonly Symbol[], target: number): Symbol[] => {
    const narrow = (operand: Symbol) => isFloating(operand.type) && operand.type !== target;
    const present = operands.find((operand) => isFloating(operand.type) && !narrow(operand));
    if (target !== ElementType.float32 || !present) return operands.map((operand) => cast(operand, target));
    return operands.map((operand) =>
      narrow(operand) ? convert(operand, target, [`^${present.node}`]) : operand,
    );
  };

  /** Runs the op on zeros and looks at what comes out. */
  const probe = (
    op: string,
    attributes: readonly OpAttribute[],
    operands: readonly Symbol[],
    count: number,
  ) => {
    const ids = operands.map((operand) => {
      const declared = operand.type === ElementType.bfloat16 ? ElementType.float32 : operand.type;
      const size = operand.shape.reduce((product, side) => product * side, 1);
      const values = operand.constant?.values ?? new Uint8Array(size);
      const content = toContent(declared, values);
      const array = declared === ElementType.float32 ? new Float32Array(content.buffer) : content;
      return binding.createTensor(operand.shape, declared, array);
    });
    try {
      const results = binding.executeOp(op, attributes, ids, count);
      for (const result of results) binding.deleteTensor(result.id);
      return results.map(({ shape, dtype }) => ({ shape, dtype }));
    } finally {
      for (const id of ids) binding.deleteTensor(id);
    }
  };

  const infer = (
    op: string,
    attributes: readonly OpAttribute[],
    operands: readonly Symbol[],
    count: number,
  ) => {
    const rule = shapeRules.get(op);
    if (!rule && op !== 'SplitV') return probe(op, attributes, operands, count);
    const attribute = (name: string) => attributes.find((candidate) => candidate.name === name)?.value;
    const described = {
      inputs: operands.length,
      attribute,
      shape: (i: number) => (operands[i] as Symbol).shape,
      values: (i: number) => {
        const constant = operands[i]?.constant;
        if (constant) return Array.from(constant.values);
        throw new DraftError(
          'DRAFT_TRACE_UNSUPPORTED',
          `Operation ${op} takes a shape that is computed; a recorded graph needs fixed shapes.`,
        );
      },
    };
    const shapes = rule ? [rule(described)] : splitShapes(described);
    const target = op === 'Cast' ? attribute('DstT') : booleanOps.has(op) ? ElementType.bool : attribute('T');
    const typed = operands.find((operand) => isFloating(operand.type)) ?? operands[0];
    const dtype = (target as number | undefined) ?? (typed?.type as number);
    return shapes.map((shape) => ({ shape, dtype }));
  };

  /** Activations in the precision of the runtime, weights as they are kept. */
  const addNative = (
    op: string,
    native: NativeOp,
    attributes: readonly OpAttribute[],
    operands: readonly Symbol[],
  ): Symbol[] => {
    const node = nativeNode(attributes, (i) => (operands[i] as Symbol).shape);
    const activations = ElementType[precision.activations];
    const weights: number[] = [];
    const converted = native.operands(node).map((kind, i) => {
      const operand = operands[i] as Symbol;
      if (kind === 'activation') return cast(operand, activations);
      if (kind === 'float') return cast(operand, ElementType.float32);
      weights.push(operand.type);
      return operand;
    });
    const results = native.results(node).map(({ shape, kind }) => ({
      shape,
      type: kind === 'activation' ? activations : ElementType.float32,
    }));
    const complete = withTypes(native, attributes, activations, weights);
    const name = emit(op, converted.map(reference), complete, results);
    return results.map((result, output) => ({ trace, node: name, output, ...result }));
  };

  const trace: Trace = {
    argument(argumentType, shape) {
      const node = emit(
        'Placeholder',
        [],
        [type('dtype', argumentType), { name: 'shape', type: AttributeKind.shape, value: [...shape] }],
        [{ shape, type: argumentType }],
      );
      inputs.push(node);
      return { trace, node, output: 0, shape, type: argumentType };
    },

    constant(dtype, shape, values) {
      const content = toContent(dtype, values);
      const key = content.length <= 64 ? `${dtype}[${shape}]${content}` : '';
      const known = constants.get(key);
      if (known) return known;
      const name = nodeName();
      nodes.push({
        name,
        op: 'Const',
        inputs: [],
        attributes: [type('dtype', dtype)],
        constant: { dtype, shape, content },
        results: [{ shape, type: dtype }],
      });
      const constant = { values, weak: values.length === 1 };
      const symbol: Symbol = { trace, node: name, output: 0, shape, type: dtype, constant };
      if (key) constants.set(key, symbol);
      return symbol;
    },

    add(op, attributes, operands, count) {
      const native = nativeOps.get(op);
      if (native) return addNative(op, native, attributes, operands);
      if (valueDependentOps.has(op)) {
        throw new DraftError(
          'DRAFT_TRACE_UNSUPPORTED',
          `Operation ${op} has a result whose shape depends on numbers; a recorded graph needs fixed shapes.`,
        );
      }
      const floating = operands.filter((operand) => isFloating(operand.type));
      const weak = (operand: Symbol) => operand.constant?.weak === true;
      const described = floating.map((operand) => ({ type: operand.type, weak: weak(operand) }));
      const target = computeTypeOf(op, described, precision);
      const converted = isProduct(op)
        ? factors(operands, target)
        : operands.map((operand) => cast(operand, target));
      // ExpandDims leaves its types to be inferred, which only single ops allow.
      const complete =
        op === 'ExpandDims'
          ? [type('T', converted[0]?.type as number), type('Tdim', ElementType.int32)]
          : attributes.map((attribute) =>
              attribute.type === AttributeKind.type &&
              attribute.value === ElementType.float32 &&
              attribute.name !== 'DstT' &&
              attribute.name !== 'dtype' &&
              floating.length > 0
                ? { ...attribute, value: target }
                : attribute,
            );
      const results = infer(op, attributes, operands, count).map(({ shape, dtype }) => ({
        shape,
        type: dtype === ElementType.float32 && op !== 'Cast' && floating.length > 0 ? target : dtype,
      }));
      const node = emit(op, converted.map(reference), complete, results);
      return results.map((result, output) => ({ trace, node, output, ...result }));
    },

    after(value, dependency) {
      const operands = [reference(value), `^${dependency.node}`];
      const node = emit('Identity', operands, [type('T', value.type)], [value]);
      return { ...value, node, output: 0 };
    },

    enter(next) {
      const before = section;
      section = next;
      return before;
    },

    finish(results) {
      const outputs = results.map((result) => {
        const value = cast(result, ElementType.float32);
        return emit('Identity', [reference(value)], [type('T', value.type)], [value]);
      });
      return { inputs, outputs, nodes: reachable(nodes, [...inputs, ...outputs]) };
    },
  };
  return trace;
};
