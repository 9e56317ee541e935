/** What a shape rule may look at. */
export interface OpShapes {
  /** Shape of input `i`. */
  readonly shape: (i: number) => readonly number[];
  /** Numbers of input `i`, which must be a constant of the graph. */
  readonly values: (i: number) => number[];
  readonly inputs: number;
  /** Value of an attribute. */
  readonly attribute: (name: string) => unknown;
}

type Rule = (op: OpShapes) => readonly number[];

const same: Rule = ({ shape }) => shape(0);

const broadcast = (a: readonly number[], b: readonly number[]): number[] => {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    return left === 1 ? right : left;
  });
};

const binary: Rule = ({ shape }) => broadcast(shape(0), shape(1));

const reduction: Rule = ({ shape, values, attribute }) => {
  const axes = new Set(values(1).map((axis) => (axis < 0 ? axis + shape(0).length : axis)));
  const keep = attribute('keep_dims') === true;
  return shape(0).flatMap((side, i) => (axes.has(i) ? (keep ? [1] : []) : [side]));
};

const window: Rule = ({ shape, attribute }) => {
  const [n, height, width] = shape(0) as [number, number, number];
  const [kernelHeight, kernelWidth, , out] = shape(1) as [number, number, number, number];
  const [, strideHeight, strideWidth] = attribute('strides') as [number, number, number];
  const dilations = (attribute('dilations') as number[] | undefined) ?? [1, 1, 1, 1];
  const padding = attribute('padding');
  const explicit = (attribute('explicit_paddings') as number[] | undefined) ?? [];
  const side = (
    size: number,
    kernel: number,
    stride: number,
    dilation: number,
    before: number,
    after: number,
  ) => {
    if (padding === 'SAME') return Math.ceil(size / stride);
    return Math.floor((size + before + after - (kernel - 1) * dilation - 1) / stride) + 1;
  };
  return [
    n,
    side(height, kernelHeight, strideHeight, dilations[1] ?? 1, explicit[2] ?? 0, explicit[3] ?? 0),
    side(width, kernelWidth, strideWidth, dilations[2] ?? 1, explicit[4] ?? 0, explicit[5] ?? 0),
    out,
  ];
};

/** Channels times the multiplier, where a plain convolution has its filter's last side. */
const depthwise: Rule = (op) => {
  const [n, height, width] = window(op) as [number, number, number];
  const [, , channels, multiplier] = op.shape(1) as [number, number, number, number];
  return [n, height, width, channels * multiplier];
};

const matMul: Rule = ({ shape, attribute }) => {
  const a = shape(0);
  const b = shape(1);
  const flipA = attribute('adj_x') === true || attribute('transpose_a') === true;
  const flipB = attribute('adj_y') === true || attribute('transpose_b') === true;
  const rows = a[a.length - (flipA ? 1 : 2)] as number;
  const columns = b[b.length - (flipB ? 2 : 1)] as number;
  return [...broadcast(a.slice(0, -2), b.slice(0, -2)), rows, columns];
};

const reshape: Rule = ({ shape, values }) => {
  const target = values(1);
  const size = shape(0).reduce((product, side) => product * side, 1);
  const known = target.reduce((product, side) => (side < 0 ? product : product * side), 1);
  return target.map((side) => (side < 0 ? size / known : side));
};

const concat: Rule = ({ shape, values, inputs }) => {
  const axis =
    (values(inputs - 1)[0] as number) + ((values(inputs - 1)[0] as number) < 0 ? shape(0).length : 0);
  const total = Array.from({ length: inputs - 1 }, (_, i) => shape(i)[axis] as number);
  return shape(0).map((side, i) => (i === axis ? total.reduce((sum, part) => sum + part, 0) : side));
};

const pad: Rule = ({ shape, values }) => {
  const amounts = values(1);
  return shape(0).map((side, i) => side + (amounts[2 * i] as number) + (amounts[2 * i + 1] as number));
};

const slice: Rule = ({ shape, values }) => {
  const begin = values(1);
  return values(2).map((size, i) => (size < 0 ? (shape(0)[i] as number) - (begin[i] as number) : size));
};

const resize: Rule = ({ shape, values }) => {
  const [n, , , channels] = shape(0) as [number, number, number, number];
  return [n, ...values(1), channels];
};

const gather: Rule = ({ shape, values, attribute }) => {
  const axis = values(2)[0] as number;
  const batch = (attribute('batch_dims') as number | undefined) ?? 0;
  return [...shape(0).slice(0, axis), ...shape(1).slice(batch), ...shape(0).slice(axis + 1)];
};

const unary = [
  ...[
    'Abs',
    'Acos',
    'Asin',
    'Atan',
    'Ceil',
    'Cos',
    'Elu',
    'Erf',
    'Exp',
    'Expm1',
    'Floor',
    'Identity',
    'IsFinite',
  ],
  ...[
    'IsInf',
    'IsNan',
    'Log',
    'Log1p',
    'LogicalNot',
    'Neg',
    'OnesLike',
    'Reciprocal',
    'Relu',
    'Relu6',
    'ReverseV2',
  ],
  ...[
    'Round',
    'Rsqrt',
    'Sigmoid',
    'Sign',
    'Sin',
    'Softmax',
    'Softplus',
    'Sqrt',
    'Square',
    'Tan',
    'Tanh',
    'ZerosLike',
  ],
  ...['Cast', 'LogSoftmax', 'LeakyRelu'],
];
const pairwise = [
  ...['Add', 'AddV2', 'Sub', 'Mul', 'Multiply', 'Div', 'RealDiv', 'DivNoNan', 'FloorDiv', 'FloorMod', 'Pow'],
  ...[
    'Maximum',
    'Minimum',
    'SquaredDifference',
    'Greater',
    'GreaterEqual',
    'Less',
    'LessEqual',
    'Equal',
    'NotEqual',
  ],
  ...['LogicalAnd', 'LogicalOr', 'Atan2'],
];

/**
 * The output shape of each op that is common or heavy, by TensorFlow's name. Any other op is run once on zeros.
 */
export const shapeRules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...unary.map((name): [string, Rule] => [name, same]),
  ...pairwise.map((name): [string, Rule] => [name, binary]),
  ...['Sum', 'Mean', 'Max', 'Min', 'Prod', 'All', 'Any'].map((name): [string, Rule] => [name, reduction]),
  ['Conv2D', window],
  ['DepthwiseConv2dNative', depthwise],
  ['Conv2DBackpropInput', ({ values }) => values(0)],
  ['Conv2DBackpropFilter', ({ values }) => values(1)],
  ['MatMul', matMul],
  ['BatchMatMulV2', matMul],
  ['Reshape', reshape],
  ['Transpose', ({ shape, values }) => values(1).map((axis) => shape(0)[axis] as number)],
  ['ConcatV2', concat],
  ['Pad', pad],
  ['PadV2', pad],
  ['MirrorPad', pad],
  ['Slice', slice],
  ['Tile', ({ shape, values }) => shape(0).map((side, i) => side * (values(1)[i] as number))],
  ['Fill', ({ values }) => values(0)],
  ['GatherV2', gather],
  ['Select', ({ shape }) => shape(1)],
  ['ResizeNearestNeighbor', resize],
  ['ResizeBilinear', resize],
  ['ResizeNearestNeighborGrad', resize],
]);

/** The shapes of the parts of a `SplitV`. */
export const splitShapes = ({ shape, values }: Pick<OpShapes, 'shape' | 'values'>): readonly number[][] => {
  const [given = 0] = values(2);
  const axis = given < 0 ? given + shape(0).length : given;
  return values(1).map((size) => shape(0).map((side, i) => (i === axis ? size : side)));
};

/** Ops whose result is not of the type of their operands. */
export const booleanOps: ReadonlySet<string> = new Set([
  ...[
    'Greater',
    'GreaterEqual',
    'Less',
    'LessEqual',
    'Equal',
    'NotEqual',
    'LogicalAnd',
    'LogicalOr',
    'LogicalNot',
  ],
  ...['IsFinite', 'IsInf', 'IsNan', 'All', 'Any'],
]);

/** Ops whose output shape depends on numbers, which no recorded graph can know. */
export const valueDependentOps: ReadonlySet<string> = new Set([
  ...['Where', 'Unique', 'UniqueV2', 'NonMaxSuppressionV3', 'NonMaxSuppressionV4', 'NonMaxSuppressionV5'],
  ...['Multinomial', 'RandomStandardNormal', 'RandomUniform'],
]);
