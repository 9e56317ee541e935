import { describe, expect, it } from 'vitest';
import { AttributeKind, type Binding, ElementType } from '../src/runtime/tensorflow/binding.js';
import type { GraphNode } from '../src/runtime/tensorflow/graph-def.js';
import { withOneDnn, withoutKernel } from '../src/runtime/tensorflow/product-kernels.js';
import { createTrace } from '../src/runtime/tensorflow/trace.js';

const node = (op: string, type: number): GraphNode => ({
  ...{ name: 'n', op, inputs: [], attributes: [] },
  results: [{ shape: [2, 2], type }],
});

describe('withOneDnn', () => {
  it.each([
    ['BatchMatMulV2', '_MklBatchMatMulV2'],
    ['Conv2DBackpropInput', '_MklNativeConv2DBackpropInput'],
    ['Conv2DBackpropFilter', '_MklNativeConv2DBackpropFilter'],
  ])('gives %s its kernel by name and label', (op, kernel) => {
    const changed = withOneDnn(node(op, ElementType.float32));
    expect(changed.op).toBe(kernel);
    expect(changed.attributes).toEqual([
      { name: '_kernel', type: AttributeKind.string, value: 'MklNameChangeOp' },
    ]);
    expect(withoutKernel(kernel)).toBe(op);
  });

  it.each([
    ['Conv2D', ElementType.float32],
    ['Softmax', ElementType.float32],
    ['BatchMatMulV2', ElementType.bfloat16],
  ])('leaves %s of type %d as it is', (op, type) => {
    expect(withOneDnn(node(op, type))).toEqual(node(op, type));
    expect(withoutKernel(op)).toBe(op);
  });
});

describe('a product with a bfloat16 weight', () => {
  const attributes = ['adj_x', 'adj_y'].map((name) => ({ name, type: AttributeKind.bool, value: false }));
  const record = (products: 'float32' | 'bfloat16') => {
    const trace = createTrace({} as Binding, { weights: 'bfloat16', products, activations: 'float32' });
    const x = trace.argument(ElementType.float32, [3, 2]);
    const weight = trace.argument(ElementType.bfloat16, [2, 2]);
    const [y] = trace.add('BatchMatMulV2', attributes, [x, weight], 1);
    const [z] = trace.add('BatchMatMulV2', attributes, [y as never, weight], 1);
    const { nodes } = trace.finish([z as never]);
    return { x, y, weight, casts: nodes.filter(({ op }) => op === 'Cast') };
  };

  it('widens it anew for each product, and only once the other factor is there', () => {
    const { x, y, weight, casts } = record('float32');
    expect(casts.map(({ inputs }) => inputs)).toEqual([
      [`${weight.node}:0`, `^${x.node}`],
      [`${weight.node}:0`, `^${y?.node}`],
    ]);
    expect(y?.type).toBe(ElementType.float32);
  });

  it('narrows the other factor where products are in bfloat16', () => {
    const { x, y, casts } = record('bfloat16');
    expect(casts[0]?.inputs).toEqual([`${x.node}:0`]);
    expect(y?.type).toBe(ElementType.bfloat16);
  });
});
