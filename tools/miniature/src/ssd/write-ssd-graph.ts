import { side } from '../judges/judge-scenes.js';
import type { MeasuredMoments } from '../judges/measure-moments.js';
import type { Parameter } from '../pretrain/parameters.js';
import { createGraphWriter, type GraphWriter, numbers, text, types } from './graph-writer.js';
import { anchors, boxesEach, boxScales, predictors } from './ssd-architecture.js';
import { buildSsd, epsilon, type SsdLayer, type SsdParts } from './ssd-network.js';

/** A trained detector. */
export interface TrainedSsd {
  readonly parameters: readonly Parameter[];
  readonly values: Float32Array;
  readonly moments: ReadonlyMap<string, MeasuredMoments>;
  /** Names of the classes; the first has the id 1. */
  readonly labels: readonly string[];
}

/** Places of each predictor's map. */
const anchorPlaces = predictors.map(({ side: length }) => length * length);

const moving = (stride: number) => ({
  strides: numbers([1, stride, stride, 1]),
  dilations: numbers([1, 1, 1, 1]),
  padding: text('SAME'),
  data_format: text('NHWC'),
  explicit_paddings: { list: {} },
  T: types.float,
});

const fusedWith = (...operations: readonly string[]) => ({
  fused_ops: { list: { s: operations.map((name) => Buffer.from(name).toString('base64')) } },
  num_args: { i: '1' },
  epsilon: { f: 0 },
});

/** A batch norm as a factor for each channel and a bias. */
const folded = ({ parameters, values, moments }: TrainedSsd, name: string) => {
  const part = (suffix: string): Float32Array => {
    const { offset, size } = parameters.find((parameter) => parameter.name === `${name}/${suffix}`)!;
    return values.subarray(offset, offset + size);
  };
  const { mean, variance } = moments.get(name)!;
  const gamma = part('BatchNorm/gamma');
  const beta = part('BatchNorm/beta');
  const scale = gamma.map((value, i) => value / Math.sqrt(variance[i]! + epsilon));
  const bias = beta.map((value, i) => value - mean[i]! * scale[i]!);
  const weights = part('weights').map((value, i) => value * scale[i % scale.length]!);
  return { weights, bias };
};

/** The pictures, stretched to the square that the network reads: where the published graphs end their loop. */
function writePreprocessor(writer: GraphWriter): string {
  const image = writer.node('image_tensor', 'Placeholder', [], {
    dtype: types.integer,
    shape: { shape: { dim: ['-1', '-1', '-1', '3'].map((size) => ({ size })) } },
  });
  const cast = writer.node('Cast', 'Cast', [image], { SrcT: types.integer, DstT: types.float });
  const size = writer.integers('Preprocessor/map/while/ResizeImage/size', [side, side]);
  const resized = writer.node(
    'Preprocessor/map/while/ResizeImage/ResizeBilinear',
    'ResizeBilinear',
    [cast, size],
    { align_corners: { b: false }, half_pixel_centers: { b: false }, T: types.float },
  );
  const pictures = writer.node(
    'Preprocessor/map/TensorArrayStack/TensorArrayGatherV3',
    'Identity',
    [resized],
    {
      T: types.float,
      element_shape: { shape: { dim: [side, side, 3].map((length) => ({ size: String(length) })) } },
    },
  );
  const factor = writer.exact('Preprocessor/mul/x', [], [2 / 255]);
  const scaled = writer.node('Preprocessor/mul', 'Mul', [factor, pictures], { T: types.float });
  const one = writer.exact('Preprocessor/sub/y', [], [1]);
  return writer.node('Preprocessor/sub', 'Sub', [scaled, one], { T: types.float });
}

/** Boxes as the published graphs give them: top, left, bottom and right as shares of the picture, `[n, boxes, 1, 4]`. */
function writeBoxes(writer: GraphWriter, codes: string): void {
  const at = (name: string) => `Postprocessor/Decode/${name}`;
  const both = { T: types.float };
  const table = (name: string, pick: (anchor: (typeof anchors)[number]) => readonly [number, number]) =>
    writer.exact(
      at(name),
      [1, anchors.length, 2],
      anchors.flatMap((anchor) => [...pick(anchor)]),
    );
  const cut = (name: string, from: number): string =>
    writer.node(
      at(name),
      'Slice',
      [
        codes,
        writer.integers(at(`${name}/begin`), [0, 0, from]),
        writer.integers(at(`${name}/size`), [-1, -1, 2]),
      ],
      { T: types.float, Index: types.integer },
    );
  const centres = table('centres', ({ x, y }) => [y, x]);
  const sizes = table('sizes', ({ width, height }) => [height, width]);
  const away = writer.node(
    at('away'),
    'Mul',
    [
      writer.node(at('moved'), 'Mul', [cut('centre_codes', 0), sizes], both),
      writer.exact(at('centre_scale'), [], [1 / boxScales[0]]),
    ],
    both,
  );
  const middle = writer.node(at('middle'), 'AddV2', [away, centres], both);
  const grown = writer.node(
    at('grown'),
    'Exp',
    [
      writer.node(
        at('logarithms'),
        'Mul',
        [cut('size_codes', 2), writer.exact(at('size_scale'), [], [1 / boxScales[2]])],
        both,
      ),
    ],
    both,
  );
  const halves = writer.node(
    at('halves'),
    'Mul',
    [writer.node(at('lengths'), 'Mul', [grown, sizes], both), writer.exact(at('half'), [], [0.5])],
    both,
  );
  const boxes = writer.node(
    at('boxes'),
    'ConcatV2',
    [
      writer.node(at('first'), 'Sub', [middle, halves], both),
      writer.node(at('last'), 'AddV2', [middle, halves], both),
      writer.integers(at('axis'), 2),
    ],
    { ...both, N: { i: '2' }, Tidx: types.integer },
  );
  writer.node(
    'Postprocessor/ExpandDims_1',
    'ExpandDims',
    [boxes, writer.integers('Postprocessor/ExpandDims_1/dim', 2)],
    { T: types.float, Tdim: types.integer },
  );
}

/** The scores without those of the background, which the published graphs compute too and drop. */
function writeScores(writer: GraphWriter, logits: string, labels: number): void {
  const scores = writer.node('Postprocessor/convert_scores', 'Sigmoid', [logits], { T: types.float });
  writer.node(
    'Postprocessor/Slice',
    'Slice',
    [
      scores,
      writer.integers('Postprocessor/Slice/begin', [0, 0, 1]),
      writer.integers('Postprocessor/Slice/size', [-1, -1, labels]),
    ],
    { T: types.float, Index: types.integer },
  );
}

/**
 * Writes a detector as a graph model of TensorFlow.js with the inputs and outputs of the package coco-ssd: pictures as
 * whole numbers in `image_tensor`, scores in `Postprocessor/Slice`, boxes in `Postprocessor/ExpandDims_1`. Batch norms
 * become part of the convolutions.
 */
export function writeSsdGraph(trained: TrainedSsd, path: string) {
  const { parameters, values, labels } = trained;
  const writer = createGraphWriter();
  const part = (name: string): Float32Array => {
    const { offset, size } = parameters.find((parameter) => parameter.name === name)!;
    return values.subarray(offset, offset + size);
  };
  const layer = ({ name, kind, kernel, stride, input, output, active }: SsdLayer, x: string): string => {
    const at = `FeatureExtractor/MobilenetV2/${name}`;
    const { weights, bias } = folded(trained, name);
    const shape = [kernel, kernel, input, kind === 'whole' ? output : 1];
    return writer.node(
      at,
      kind === 'whole' ? '_FusedConv2D' : 'FusedDepthwiseConv2dNative',
      [x, writer.floats(`${at}/weights`, shape, weights), writer.floats(`${at}/bias`, [output], bias)],
      { ...moving(stride), ...(active ? fusedWith('BiasAdd', 'Relu6') : fusedWith('BiasAdd')) },
    );
  };
  const parts: SsdParts<string> = {
    layer,
    add: (name, a, b) =>
      writer.node(`FeatureExtractor/MobilenetV2/${name}`, 'AddV2', [a, b], { T: types.float }),
    predict(name, x, input, width) {
      // One more class, as published graphs have it: the background, which is never looked at.
      const scores = name.includes('ClassPredictor');
      const [outputs, extra] = [width / boxesEach, scores ? 1 : 0];
      const all = boxesEach * (outputs + extra);
      const spread = (from: Float32Array, rows: number): Float32Array => {
        const to = new Float32Array(rows * all);
        for (let row = 0; row < rows; row++) {
          for (let box = 0; box < boxesEach; box++) {
            const source = row * width + box * outputs;
            to.set(from.subarray(source, source + outputs), row * all + box * (outputs + extra) + extra);
          }
        }
        return to;
      };
      const y = writer.node(
        `${name}/BiasAdd`,
        '_FusedConv2D',
        [
          x,
          writer.floats(`${name}/weights`, [1, 1, input, all], spread(part(`${name}/weights`), input)),
          writer.floats(`${name}/biases`, [all], spread(part(`${name}/biases`), 1)),
        ],
        { ...moving(1), ...fusedWith('BiasAdd') },
      );
      const places = anchorPlaces[Number(/_(\d)\//.exec(name)?.[1])]!;
      const shape = writer.integers(`${name}/shape`, [-1, places * boxesEach, outputs + extra]);
      return writer.node(`${name}/Reshape`, 'Reshape', [y, shape], { T: types.float, Tshape: types.integer });
    },
    join: (name, list) =>
      writer.node(name, 'ConcatV2', [...list, writer.integers(`${name}/axis`, 1)], {
        N: { i: String(list.length) },
        T: types.float,
        Tidx: types.integer,
      }),
  };
  const { logits, codes } = buildSsd(parts, writePreprocessor(writer), labels.length);
  writeScores(writer, logits, labels.length);
  writeBoxes(writer, codes);
  const classes = Object.fromEntries(labels.map((name, i) => [i + 1, name]));
  return writer.finish({ userDefinedMetadata: { classes } }, path);
}
