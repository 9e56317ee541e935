import { createMessage, type MessageWriter } from './protobuf.js';
import { readMessage, textOf } from './read-message.js';

/** A graph that does nothing but call one function of the eager context. */
export interface CallingGraph {
  /** A GraphDef that holds the function too. */
  readonly graph: Uint8Array;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly indices: readonly number[];
}

/** The element types of a function's arguments and results: `FunctionDef.signature`, an `OpDef`. */
const readSignature = (definition: Uint8Array) => {
  const inputs: number[] = [];
  const outputs: number[] = [];
  let name = '';
  readMessage(definition, {
    bytes: (field, signature) => {
      if (field !== 1) return;
      readMessage(signature, {
        bytes: (part, value) => {
          if (part === 1) name = textOf(value);
          if (part !== 2 && part !== 3) return;
          readMessage(value, {
            number: (inner, type) => {
              if (inner === 3) (part === 2 ? inputs : outputs).push(type);
            },
          });
        },
      });
    },
  });
  return { name, inputs, outputs };
};

/**
 * Switches off the rewriting of graphs (grappler), which a function that the eager context calls does not go through
 * either. (ConfigProto.graph_options = 10, GraphOptions.rewrite_options = 10, disable_meta_optimizer = 19.)
 */
export const withoutRewriting = (): MessageWriter =>
  createMessage().message(10, createMessage().message(10, createMessage().varint(19, 1)));

const entry = (name: string, value: MessageWriter) => createMessage().text(1, name).message(2, value);

const typeList = (types: readonly number[]): MessageWriter => {
  const list = createMessage();
  for (const type of types) list.varint(6, type);
  return createMessage().message(1, list);
};

/** Name of the node that makes the call. */
export const callNode = 'call';

/**
 * Wraps a function in a graph for a session, which keeps statistics of each op where the eager context keeps none. The
 * function goes through the same placement and runs by the same executor.
 * @param definition The function, as the eager context gives it.
 */
export const encodeCallingGraph = (definition: Uint8Array): CallingGraph => {
  const { name, inputs: types, outputs } = readSignature(definition);
  const inputs = types.map((_, i) => `argument${i}`);
  const graph = createMessage();
  types.forEach((type, i) => {
    const node = createMessage()
      .text(1, inputs[i] as string)
      .text(2, 'Placeholder');
    graph.message(1, node.message(5, entry('dtype', createMessage().varint(6, type))));
  });
  const call = createMessage().text(1, callNode).text(2, 'PartitionedCall');
  for (const input of inputs) call.text(3, `${input}:0`);
  call.message(5, entry('Tin', typeList(types)));
  call.message(5, entry('Tout', typeList(outputs)));
  call.message(5, entry('f', createMessage().message(10, createMessage().text(1, name))));
  call.message(5, entry('config_proto', createMessage().bytes(2, withoutRewriting().finish())));
  graph.message(1, call);
  graph.message(2, createMessage().bytes(1, definition));
  return {
    graph: graph.message(4, createMessage().varint(1, 1000)).finish(),
    inputs,
    outputs: outputs.map(() => callNode),
    indices: outputs.map((_, i) => i),
  };
};
