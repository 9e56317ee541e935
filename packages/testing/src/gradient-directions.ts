import { createRandomSource } from '@draft/core';

/** The size of a batch of images. */
export type ImageShape = readonly [count: number, height: number, width: number, channels: number];

/** A way in which images are changed, and where. */
export interface Direction {
  /** Goes on after "its gradient is off by 5 %": `in rows 1 to 6`. */
  readonly where: string;
  /** 0, 1 or −1 for each number of the images. */
  readonly signs: Float32Array;
}

interface Place {
  readonly image: number;
  readonly y: number;
  readonly x: number;
  readonly channel: number;
}

interface Region {
  readonly where: string;
  readonly holds: (place: Place) => boolean;
}

const bands = 4;

const randomHalves = 2;

const zeroTrials = 4;

/** Regions `first to last`, counted from 1, of a side that is cut into bands. */
const bandsOf = (name: string, side: number, coordinate: (place: Place) => number): readonly Region[] => {
  const edges = Array.from({ length: bands + 1 }, (_, i) => Math.round((i * side) / bands));
  return edges.slice(1).flatMap((end, i) => {
    const start = edges[i] ?? 0;
    return end === start
      ? []
      : [
          {
            where: end === start + 1 ? `in ${name} ${end}` : `in ${name}s ${start + 1} to ${end}`,
            holds: (place: Place) => coordinate(place) >= start && coordinate(place) < end,
          },
        ];
  });
};

/** Bands of rows and columns, quarters, channels, and where images are judged by one another, single images. */
const regionsOf = ([count, height, width]: ImageShape, perSample: boolean): readonly Region[] => [
  ...bandsOf('row', height, ({ y }) => y),
  ...bandsOf('column', width, ({ x }) => x),
  ...['red', 'green', 'blue'].map((name, i) => ({
    where: `in the ${name} channel`,
    holds: ({ channel }: Place) => channel === i,
  })),
  ...['upper left', 'upper right', 'lower left', 'lower right'].map((name, i) => ({
    where: `in the ${name} quarter`,
    holds: ({ y, x }: Place) => (2 * y < height ? 0 : 2) + (2 * x < width ? 0 : 1) === i,
  })),
  ...Array.from({ length: perSample ? 0 : count }, (_, i) => ({
    where: `in image ${i + 1}`,
    holds: ({ image }: Place) => image === i,
  })),
];

const placeOf = (index: number, [, height, width, channels]: ImageShape): Place => {
  const pixel = Math.floor(index / channels);
  const row = Math.floor(pixel / width);
  return {
    image: Math.floor(row / height),
    y: row % height,
    x: pixel % width,
    channel: index % channels,
  };
};

/**
 * The directions along which a gradient is compared with differences. Uphill by region and in random halves of all
 * pixels, as what every pixel gains adds up there, so that kinks and rounding weigh little; and in random ways where the
 * gradient says that nothing changes anything, which no uphill direction enters.
 * @param slopes The gradient that is claimed.
 */
export const directionsFor = (
  slopes: readonly number[],
  shape: ImageShape,
  perSample: boolean,
): readonly Direction[] => {
  const along = (where: string, sign: (slope: number, place: Place) => number): Direction => ({
    where,
    signs: Float32Array.from(slopes, (slope, i) => sign(slope, placeOf(i, shape))),
  });
  const uphill = regionsOf(shape, perSample).map(({ where, holds }) =>
    along(where, (slope, place) => (holds(place) ? Math.sign(slope) : 0)),
  );
  const halves = Array.from({ length: randomHalves }, (_, trial) => {
    const random = createRandomSource(5, 'half', trial);
    return along('in half of all pixels', (slope) => (random.uniform() < 0.5 ? 0 : Math.sign(slope)));
  });
  if (!slopes.includes(0)) return [...halves, ...uphill];
  const idle = Array.from({ length: zeroTrials }, (_, trial) => {
    const random = createRandomSource(5, 'idle', trial);
    // The first way is the same for all, along which what is left out adds up.
    const sign = () => (trial === 0 || random.uniform() < 0.5 ? 1 : -1);
    return along('where it is 0', (slope) => (slope === 0 ? sign() : 0));
  });
  return [...halves, ...uphill, ...idle];
};
