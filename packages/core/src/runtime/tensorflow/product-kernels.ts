import { AttributeKind, type Binding, ElementType, type OpAttribute } from './binding.js';
import { encodeGraph, type GraphNode } from './graph-def.js';

/**
 * Products for which TensorFlow's builds for processors bring kernels of oneDNN beside their own: up to five times as
 * fast where a factor is wide and the other one has few rows. Forward convolutions are not among them: those of its
 * own are faster.
 */
const counterparts: ReadonlyMap<string, string> = new Map([
  ['BatchMatMulV2', '_MklBatchMatMulV2'],
  ['Conv2DBackpropInput', '_MklNativeConv2DBackpropInput'],
  ['Conv2DBackpropFilter', '_MklNativeConv2DBackpropFilter'],
]);

/** Under which label these kernels are registered. */
const label: OpAttribute = { name: '_kernel', type: AttributeKind.string, value: 'MklNameChangeOp' };

/** The node with oneDNN's kernel, or as it is where there is none. */
export const withOneDnn = (node: GraphNode): GraphNode => {
  const op = counterparts.get(node.op);
  if (!op || node.results?.[0]?.type !== ElementType.float32) return node;
  return { ...node, op, attributes: [...node.attributes, label] };
};

/** What an op is called whichever kernel computes it. */
export const withoutKernel = (op: string): string => op.replace(/^_Mkl(Native)?/, '');

const probeName = 'draft_has_one_dnn';

/** Whether this build has oneDNN's kernels: tries one. */
export const hasOneDnn = (binding: Binding): boolean => {
  const type = (name: string): OpAttribute => ({
    name,
    type: AttributeKind.type,
    value: ElementType.float32,
  });
  const results = [{ shape: [1, 1], type: ElementType.float32 }];
  const nodes: GraphNode[] = [
    { name: 'x', op: 'Placeholder', inputs: [], attributes: [type('dtype')] },
    withOneDnn({
      ...{ name: 'y', op: 'BatchMatMulV2', inputs: ['x:0', 'x:0'], results },
      attributes: [type('T')],
    }),
  ];
  const x = binding.createTensor([1, 1], ElementType.float32, Float32Array.of(2));
  try {
    binding.addFunction(probeName, encodeGraph(nodes), ['x'], ['y'], [0]);
    for (const { id } of binding.executeOp(probeName, [], [x], 1)) binding.deleteTensor(id);
    binding.removeFunction(probeName);
    return true;
  } catch {
    return false;
  } finally {
    binding.deleteTensor(x);
  }
};
