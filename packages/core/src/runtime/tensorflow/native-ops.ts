import { AttributeKind, ElementType, type OpAttribute } from './binding.js';

/**
 * What an operand is to a kernel of our own: an activation, computed with in the runtime's precision; a weight, read in the type
 * that it is kept in; or plain float32.
 */
export type OperandKind = 'activation' | 'weight' | 'float';

/** One result: an activation, or plain float32. */
export interface NativeResult {
  readonly shape: readonly number[];
  readonly kind: Exclude<OperandKind, 'weight'>;
}

/** What a rule may look at. */
export interface NativeNode {
  /** Shape of operand `i`. */
  readonly shape: (i: number) => readonly number[];
  /** A number among the attributes; 0 where it is not given. */
  readonly number: (name: string) => number;
  /** A flag among the attributes. */
  readonly flag: (name: string) => boolean;
}

/** An op that native/kernels brings. */
export interface NativeOp {
  readonly operands: (node: NativeNode) => readonly OperandKind[];
  readonly results: (node: NativeNode) => readonly NativeResult[];
  /** Multiplications and additions of products and of convolutions, by the shapes of the operands and of the first result. */
  readonly work?: (
    shape: (i: number) => readonly number[],
    result: readonly number[],
  ) => { readonly products?: number; readonly convolutions?: number };
  /** Names of the attributes that hold the types of weights, in the order of the weights. */
  readonly weightTypes?: readonly string[];
  /** Name of the attribute that holds the type of a result which may be more precise than activations. */
  readonly resultType?: string;
}

const activation = (shape: readonly number[]): NativeResult => ({ shape, kind: 'activation' });
const float = (shape: readonly number[]): NativeResult => ({ shape, kind: 'float' });
const repeat = (kind: OperandKind, count: number): OperandKind[] => Array.from({ length: count }, () => kind);
const count = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);
const kinds =
  (...operands: OperandKind[]) =>
  () =>
    operands;

const productColumns = ({ shape, flag }: NativeNode): number =>
  shape(1)[flag('transposed') ? 0 : 1] as number;

const productShape = (node: NativeNode): number[] => [...node.shape(0).slice(0, -1), productColumns(node)];

const convolutionShape = ({ shape, number, flag }: NativeNode): number[] => [
  shape(0)[0] as number,
  number('height'),
  number('width'),
  shape(1)[flag('gradient') ? 2 : 3] as number,
];

/** Each pass multiplies queries with keys, and probabilities with values. */
const attentionWork = (shape: NativeNode['shape'], passes: number): number => {
  const [, queries = 0, width = 0] = shape(0);
  const [n = 0, keys = 0, valueWidth = 0] = shape(2);
  return 2 * n * queries * keys * (width + valueWidth) * passes;
};

const statistics = ({ shape, number }: NativeNode): NativeResult =>
  float([shape(0)[0] as number, number('groups'), 1]);

const rows = ({ shape }: NativeNode): NativeResult => {
  const width = shape(0).at(-1) as number;
  return float([width === 0 ? 0 : count(shape(0)) / width, 1]);
};

/** An image with sides of another length. */
const scaledSides = ([n = 0, height = 0, width = 0, channels = 0]: readonly number[], factor: number) => [
  n,
  height * factor,
  width * factor,
  channels,
];

const preciseOr = ({ flag }: NativeNode, shape: readonly number[]): NativeResult =>
  flag('precise') ? float(shape) : activation(shape);

const like = (i: number) => (node: NativeNode) => [activation(node.shape(i))];

/** The ops of our own kernels, by name. */
export const nativeOps: ReadonlyMap<string, NativeOp> = new Map<string, NativeOp>([
  [
    'DraftProduct',
    {
      operands: ({ number }) => [
        'activation',
        ...repeat('weight', 1 + number('biases')),
        ...repeat('activation', number('adapters')),
        ...repeat('float', number('adapters')),
      ],
      weightTypes: ['W', 'B'],
      resultType: 'O',
      results: (node) => [preciseOr(node, productShape(node))],
      // Low-rank updates are left out: the number of operands does not tell how many there are.
      work: (shape, result) => ({ products: 2 * (shape(0).at(-1) ?? 0) * count(result) }),
    },
  ],
  [
    'DraftConvolution',
    {
      operands: ({ number }) => ['activation', ...repeat('weight', 1 + number('biases'))],
      weightTypes: ['W', 'B'],
      resultType: 'O',
      results: (node) => [preciseOr(node, convolutionShape(node))],
      // The smaller image is the one that is written, or in a gradient read, once for each place of the kernel.
      work: (shape, result) => {
        const places = Math.min(count(shape(0).slice(0, 3)), count(result.slice(0, 3)));
        return { convolutions: 2 * places * count(shape(1)) };
      },
    },
  ],
  [
    'DraftOuterProduct',
    {
      operands: kinds('activation', 'activation'),
      results: ({ shape }) => [float([shape(0).at(-1) as number, shape(1).at(-1) as number])],
      work: (shape) => ({ products: 2 * count(shape(0)) * (shape(1).at(-1) ?? 0) }),
    },
  ],
  [
    'DraftAttention',
    {
      operands: kinds('activation', 'activation', 'activation'),
      results: (node) => {
        const [n, queries] = node.shape(0) as [number, number];
        return [
          activation([n, queries, node.shape(2)[2] as number]),
          float([n, node.number('heads'), queries]),
        ];
      },
      work: (shape) => ({ products: attentionWork(shape, 1) }),
    },
  ],
  [
    'DraftAttentionGradient',
    {
      operands: kinds('activation', 'activation', 'activation', 'activation', 'activation', 'float'),
      results: ({ shape }) => [activation(shape(0)), activation(shape(1)), activation(shape(2))],
      work: (shape) => ({ products: attentionWork(shape, 2.5) }),
    },
  ],
  [
    'DraftGroupNorm',
    {
      operands: kinds('activation', 'weight', 'weight'),
      weightTypes: ['W', 'B'],
      results: (node) => [activation(node.shape(0)), statistics(node), statistics(node)],
    },
  ],
  [
    'DraftGroupNormGradient',
    {
      operands: kinds('activation', 'activation', 'weight', 'weight', 'float', 'float'),
      weightTypes: ['W', 'B'],
      results: like(1),
    },
  ],
  [
    'DraftLayerNorm',
    {
      operands: kinds('activation', 'weight', 'weight'),
      weightTypes: ['W', 'B'],
      results: (node) => [activation(node.shape(0)), rows(node), rows(node)],
    },
  ],
  [
    'DraftLayerNormGradient',
    {
      operands: kinds('activation', 'activation', 'weight', 'float', 'float'),
      weightTypes: ['W'],
      results: like(1),
    },
  ],
  [
    'DraftUpsample',
    { operands: kinds('activation'), results: ({ shape }) => [activation(scaledSides(shape(0), 2))] },
  ],
  [
    'DraftUpsampleGradient',
    { operands: kinds('activation'), results: ({ shape }) => [activation(scaledSides(shape(0), 1 / 2))] },
  ],
  ['DraftActivation', { operands: kinds('activation'), results: like(0) }],
  ['DraftActivationGradient', { operands: kinds('activation', 'activation'), results: like(1) }],
  [
    'DraftGatedGelu',
    {
      operands: kinds('activation'),
      results: ({ shape }) => [activation([...shape(0).slice(0, -1), (shape(0).at(-1) as number) / 2])],
    },
  ],
  ['DraftGatedGeluGradient', { operands: kinds('activation', 'activation'), results: like(1) }],
]);

/** What rules look at, from a node's attributes and the shapes of its operands. */
export const nativeNode = (
  attributes: readonly OpAttribute[],
  shape: (i: number) => readonly number[],
): NativeNode => {
  const value = (name: string) => attributes.find((attribute) => attribute.name === name)?.value;
  return {
    shape,
    number: (name) => (value(name) as number | undefined) ?? 0,
    flag: (name) => value(name) === true,
  };
};

/** The attributes of an op with the types of its activations and weights. */
export const withTypes = (
  op: NativeOp,
  attributes: readonly OpAttribute[],
  activations: number,
  weights: readonly number[],
): OpAttribute[] => [
  ...attributes,
  { name: 'T', type: AttributeKind.type, value: activations },
  ...(op.resultType
    ? [
        {
          name: op.resultType,
          type: AttributeKind.type,
          value: nativeNode(attributes, () => []).flag('precise') ? ElementType.float32 : activations,
        },
      ]
    : []),
  ...(op.weightTypes ?? []).map((name, i) => ({
    name,
    type: AttributeKind.type,
    value: weights[i] ?? ElementType.float32,
  })),
];
