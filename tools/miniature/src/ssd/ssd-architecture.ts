/** An inverted residual of MobileNetV2: widen, convolve each channel by itself, narrow. */
export interface InvertedResidual {
  readonly expansion: number;
  readonly width: number;
  readonly stride: 1 | 2;
}

/** The first convolution's channels; it halves the picture. */
export const stemWidth = 16;

/** The blocks of the trunk, for pictures of 64 × 64. */
export const trunk: readonly InvertedResidual[] = [
  { expansion: 2, width: 24, stride: 2 }, // 16 × 16
  { expansion: 3, width: 24, stride: 1 },
  { expansion: 4, width: 40, stride: 2 }, // 8 × 8
  { expansion: 4, width: 40, stride: 1 },
  { expansion: 4, width: 40, stride: 1 },
  { expansion: 4, width: 64, stride: 2 }, // 4 × 4
  { expansion: 4, width: 64, stride: 1 },
  { expansion: 3, width: 96, stride: 2 }, // 2 × 2
  { expansion: 2, width: 96, stride: 2 }, // 1 × 1
];

/** The blocks from whose results boxes are predicted, with the sides of their maps. */
export const predictors = [
  { block: 4, side: 8 },
  { block: 6, side: 4 },
  { block: 7, side: 2 },
  { block: 8, side: 1 },
] as const;

/** Sides of the square boxes of the finest and the coarsest map, as shares of the picture; those between are spaced evenly. */
const [smallest, largest] = [0.25, 0.9];

/** Width by height of the boxes of one scale. A sixth box lies between this scale and the next. */
const shapes = [1, 2, 1 / 2, 3, 1 / 3];

/** Boxes of each place of a map. */
export const boxesEach = shapes.length + 1;

/** A box by centre and size, as shares of the picture. */
export interface Anchor {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const scaleAt = (map: number): number =>
  map === predictors.length ? 1 : smallest + ((largest - smallest) * map) / (predictors.length - 1);

/**
 * The boxes that predictions are relative to, map by map, row by row, the boxes of a place side by side, as TensorFlow's
 * object detection makes them for an SSD.
 * @see Liu et al. 2016, SSD: Single Shot MultiBox Detector, §2.2
 */
export const anchors: readonly Anchor[] = predictors.flatMap(({ side }, map) => {
  const [scale, next] = [scaleAt(map), scaleAt(map + 1)];
  const between = Math.sqrt(scale * next);
  const sizes = [
    ...shapes.map((shape) => [scale * Math.sqrt(shape), scale / Math.sqrt(shape)] as const),
    [between, between] as const,
  ];
  return Array.from({ length: side * side }, (_, place) => ({
    x: ((place % side) + 0.5) / side,
    y: (Math.floor(place / side) + 0.5) / side,
  })).flatMap((centre) => sizes.map(([width, height]) => ({ ...centre, width, height })));
});

/** What centres and sizes are multiplied by where they are predicted. */
export const boxScales = [10, 10, 5, 5] as const;
