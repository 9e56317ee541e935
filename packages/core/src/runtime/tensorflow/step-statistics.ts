import { withoutKernel } from './product-kernels.js';
import { readMessage, textOf } from './read-message.js';

/** A piece of memory that an op took or gave back. */
export interface AllocationRecord {
  /** Microseconds since 1970. */
  readonly at: number;
  /** Negative where it was given back. */
  readonly bytes: number;
}

/** One op of a graph that ran. Times are microseconds since 1970. */
export interface OpStatistics {
  /** Name of its node. */
  readonly node: string;
  /** Kind of op, `Conv2D` and so on. */
  readonly op: string;
  /** Nodes that its arguments come from, `name` or `name:output`. */
  readonly inputs: readonly string[];
  /** Shapes of its results. */
  readonly shapes: readonly (readonly number[])[];
  /** Device as TensorFlow calls it. */
  readonly device: string;
  readonly thread: number;
  readonly start: number;
  readonly end: number;
  /** What its results take. */
  readonly outputBytes: number;
  /** What it allocated, results and scratch memory. */
  readonly allocatedBytes: number;
  readonly allocations: readonly AllocationRecord[];
}

/** `TensorShapeProto`. */
const readShape = (message: Uint8Array): number[] => {
  const shape: number[] = [];
  readMessage(message, {
    bytes: (field, dimension) => {
      if (field !== 2) return;
      let size = 0;
      readMessage(dimension, {
        number: (inner, value) => {
          if (inner === 1) size = value;
        },
      });
      shape.push(size);
    },
  });
  return shape;
};

/** `TensorDescription`: the shape, and `allocation_description.requested_bytes`, which is what the numbers take. */
const readTensor = (tensor: Uint8Array) => {
  let bytes = 0;
  let shape: number[] = [];
  readMessage(tensor, {
    bytes: (field, value) => {
      if (field === 2) shape = readShape(value);
      if (field !== 4) return;
      readMessage(value, {
        number: (inner, number) => {
          if (inner === 1) bytes = number;
        },
      });
    },
  });
  return { bytes, shape };
};

/** `NodeOutput`. */
const readOutput = (output: Uint8Array) => {
  let slot = 0;
  let described = { bytes: 0, shape: [] as number[] };
  readMessage(output, {
    number: (field, value) => {
      if (field === 1) slot = value;
    },
    bytes: (field, tensor) => {
      if (field === 3) described = readTensor(tensor);
    },
  });
  return { slot, ...described };
};

/** `AllocatorMemoryUsed`: all that was allocated, and when. */
const readAllocator = (allocator: Uint8Array) => {
  let total = 0;
  const records: AllocationRecord[] = [];
  readMessage(allocator, {
    number: (field, value) => {
      if (field === 2) total = value;
    },
    bytes: (field, record) => {
      if (field !== 6) return;
      let at = 0;
      let bytes = 0;
      readMessage(record, {
        number: (inner, value) => {
          if (inner === 1) at = value;
          else if (inner === 2) bytes = value;
        },
      });
      records.push({ at, bytes });
    },
  });
  return { total, records };
};

/** More results than an op here has. */
const mostResults = 10_000;

/** `NodeExecStats`. */
const readNode = (message: Uint8Array, device: string): OpStatistics => {
  const numbers = new Map<number, number>();
  let node = '';
  let label = '';
  let outputBytes = 0;
  let allocatedBytes = 0;
  const shapes: number[][] = [];
  const allocations: AllocationRecord[] = [];
  readMessage(message, {
    number: (field, value) => numbers.set(field, value),
    bytes: (field, value) => {
      if (field === 1) node = textOf(value);
      else if (field === 8) label = textOf(value);
      else if (field === 7) {
        const { slot, bytes, shape } = readOutput(value);
        outputBytes += bytes;
        if (slot < mostResults) shapes[slot] = shape;
      } else if (field === 6) {
        const { total, records } = readAllocator(value);
        allocatedBytes += total;
        allocations.push(...records);
      }
    },
  });
  // The label is `name = Op(inputs)`, with the memory in brackets before it.
  const labelled = /(?:^|\s)= (\w+)\(([^)]*)\)/.exec(label);
  const number = (field: number) => numbers.get(field) ?? 0;
  const nanoseconds = numbers.has(13);
  const begun = nanoseconds ? number(13) / 1000 : number(2);
  const relative = (micros: number, nanos: number) => (nanoseconds ? number(nanos) / 1000 : number(micros));
  return {
    node,
    op: withoutKernel(labelled?.[1] ?? 'unknown'),
    inputs: labelled?.[2]?.split(', ') ?? [],
    shapes,
    device,
    thread: number(10),
    start: begun + relative(3, 14),
    end: begun + relative(4, 15),
    outputBytes,
    allocatedBytes,
    allocations,
  };
};

/** `DeviceStepStats`. */
const readDevice = (message: Uint8Array): OpStatistics[] => {
  let device = '';
  const nodes: Uint8Array[] = [];
  readMessage(message, {
    bytes: (field, value) => {
      if (field === 1) device = textOf(value);
      else if (field === 2) nodes.push(value);
    },
  });
  return nodes.map((node) => readNode(node, device));
};

/**
 * Reads the ops of one run out of TensorFlow's `RunMetadata` (config.proto, step_stats.proto).
 * @throws DraftError `DRAFT_MESSAGE_BROKEN` where the bytes are no message.
 */
export const readStepStatistics = (metadata: Uint8Array): OpStatistics[] => {
  const ops: OpStatistics[] = [];
  readMessage(metadata, {
    bytes: (field, statistics) => {
      if (field !== 1) return;
      readMessage(statistics, {
        bytes: (inner, device) => {
          if (inner === 1) for (const op of readDevice(device)) ops.push(op);
        },
      });
    },
  });
  return ops;
};
