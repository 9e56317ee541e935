import { describe, expect, it } from 'vitest';
import { memoryCurve } from '../../src/runtime/tensorflow/memory-curve.js';
import { operationsOf } from '../../src/runtime/tensorflow/op-operations.js';
import { createMessage, type MessageWriter } from '../../src/runtime/tensorflow/protobuf.js';
import { readStepStatistics } from '../../src/runtime/tensorflow/step-statistics.js';

const allocation = (at: number, bytes: number) => createMessage().varint(1, at).varint(2, bytes);

const output = (requested: number, shape: readonly number[]) =>
  createMessage()
    .varint(1, 0)
    .message(
      3,
      createMessage()
        .varint(1, 1)
        .message(
          2,
          shape.reduce(
            (message, side) => message.message(2, createMessage().varint(1, side)),
            createMessage(),
          ),
        )
        .message(4, createMessage().varint(1, requested)),
    );

/** `NodeExecStats` of an op that began at 1000 µs and ran from 1002 to 1010. */
const node = (name: string, label: string): MessageWriter =>
  createMessage().text(1, name).varint(2, 1000).varint(3, 2).varint(4, 10).varint(5, 12).text(8, label);

const metadata = (...nodes: readonly MessageWriter[]): Uint8Array => {
  const device = createMessage().text(1, '/device:CPU:0');
  for (const each of nodes) device.message(2, each);
  return createMessage().message(1, createMessage().message(1, device)).finish();
};

describe('readStepStatistics', () => {
  it('reads name, kind, time and memory of each op', () => {
    const memory = createMessage()
      .text(1, 'cpu')
      .varint(2, 96)
      .message(6, allocation(1003, 96))
      .message(6, allocation(1009, -32));
    const conv = node('decoding/n7', '[cpu 0.1MB 0.1MB] decoding/n7 = Conv2D(n1, n2)')
      .message(6, memory)
      .message(7, output(64, [2, 8]))
      .varint(10, 3);
    expect(readStepStatistics(metadata(conv))).toEqual([
      {
        ...{ inputs: ['n1', 'n2'], shapes: [[2, 8]] },
        ...{ node: 'decoding/n7', op: 'Conv2D', device: '/device:CPU:0', thread: 3 },
        ...{ start: 1002, end: 1010, outputBytes: 64, allocatedBytes: 96 },
        allocations: [
          { at: 1003, bytes: 96 },
          { at: 1009, bytes: -32 },
        ],
      },
    ]);
  });

  it('prefers nanoseconds where there are some', () => {
    const exact = node('n1', 'n1 = Add(n0)').varint(13, 1_000_250).varint(14, 2_500).varint(15, 9_750);
    expect(readStepStatistics(metadata(exact))).toMatchObject([{ start: 1002.75, end: 1010, op: 'Add' }]);
  });

  it('counts operations by the shapes of a run, whichever operand is transposed or repeated', () => {
    const placed = (name: string, label: string, shape: readonly number[]) =>
      node(name, label).message(7, output(4, shape));
    const ops = readStepStatistics(
      metadata(
        placed('x', 'x = _Arg()', [6, 2, 3]),
        placed('w', 'w = _Arg()', [5, 3]),
        placed('y', 'y = BatchMatMulV2(x, w)', [6, 2, 5]),
        placed('p', 'p = _Arg()', [1, 4, 4, 2]),
        placed('k', 'k = _Arg()', [3, 3, 2, 7]),
        placed('c', 'c = Conv2D(p, k)', [1, 4, 4, 7]),
        placed('z', 'z = Relu(c)', [1, 4, 4, 7]),
      ),
    );
    const [, , product, , , convolution, relu] = operationsOf(ops);
    expect(product).toBe(2 * 6 * 2 * 5 * 3);
    expect(convolution).toBe(2 * (3 * 3 * 2) * (4 * 4 * 7));
    expect(relu).toBe(0);
  });

  it('says so where it does not know the kind, and reads an empty run', () => {
    expect(readStepStatistics(metadata(node('n1', 'something else')))).toMatchObject([{ op: 'unknown' }]);
    expect(readStepStatistics(new Uint8Array())).toEqual([]);
  });

  it('adds up memory over time', () => {
    const holds = (...changes: readonly (readonly [number, number])[]) =>
      node('n', 'n = Add(m)').message(
        6,
        changes.reduce(
          (message, [at, bytes]) => message.message(6, allocation(at, bytes)),
          createMessage().varint(2, 1),
        ),
      );
    const ops = readStepStatistics(metadata(holds([5, 10], [9, -10]), holds([7, 30], [9, -30], [9, 4])));
    expect(memoryCurve(ops)).toEqual([
      { at: 5, bytes: 10 },
      { at: 7, bytes: 40 },
      { at: 9, bytes: 4 },
    ]);
  });
});
