import { AttributeKind, type OpAttribute } from './binding.js';
import { createMessage, type MessageWriter } from './protobuf.js';

/** A constant inside a graph. */
export interface GraphConstant {
  readonly dtype: number;
  readonly shape: readonly number[];
  /** Row-major little-endian numbers. */
  readonly content: Uint8Array;
}

/** One node of a graph, inputs as `name:output` or `^name` for an order without data. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: readonly OpAttribute[];
  readonly constant?: GraphConstant;
  /** What it gives, for estimates; not part of what is serialised. */
  readonly results?: readonly { readonly shape: readonly number[]; readonly type: number }[];
}

// The producer decides which deprecated ops and attribute defaults TensorFlow accepts.
const producer = 1000;

const shapeMessage = (shape: readonly number[]): MessageWriter => {
  const message = createMessage();
  for (const side of shape) message.message(2, createMessage().varint(1, side));
  return message;
};

const attributeMessage = ({ name, type, value }: OpAttribute): MessageWriter => {
  const message = createMessage();
  if (Array.isArray(value)) {
    if (type === AttributeKind.shape) return message.message(7, shapeMessage(value as number[]));
    const list = createMessage();
    for (const item of value as number[]) list.varint(type === AttributeKind.type ? 6 : 3, item);
    return message.message(1, list);
  }
  switch (type) {
    case AttributeKind.string:
      return message.text(2, value as string);
    case AttributeKind.int:
      return message.varint(3, value as number);
    case AttributeKind.float:
      return message.float(4, value as number);
    case AttributeKind.bool:
      return message.varint(5, value ? 1 : 0);
    case AttributeKind.type:
      return message.varint(6, value as number);
    default:
      throw new Error(`attribute ${name} of kind ${type} has no place in a graph`);
  }
};

const nodeMessage = (node: GraphNode): MessageWriter => {
  const message = createMessage().text(1, node.name).text(2, node.op);
  for (const input of node.inputs) message.text(3, input);
  const entry = (name: string, value: MessageWriter) =>
    message.message(5, createMessage().text(1, name).message(2, value));
  for (const attribute of node.attributes) entry(attribute.name, attributeMessage(attribute));
  if (node.constant) {
    const { dtype, shape, content } = node.constant;
    const tensor = createMessage().varint(1, dtype).message(2, shapeMessage(shape)).bytes(4, content);
    entry('value', createMessage().message(8, tensor));
  }
  return message;
};

/** Serialises nodes as TensorFlow's GraphDef. */
export const encodeGraph = (nodes: readonly GraphNode[]): Uint8Array => {
  const graph = createMessage();
  for (const node of nodes) graph.message(1, nodeMessage(node));
  return graph.message(4, createMessage().varint(1, producer)).finish();
};
