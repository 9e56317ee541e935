/** A picture for TensorBoard. */
export interface EventImage {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** One event: numbers and pictures by their tags, or a mark of a file. */
export interface TensorBoardEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  readonly scalars?: Readonly<Record<string, number>>;
  readonly images?: Readonly<Record<string, EventImage>>;
  /** The first event of a file. */
  readonly fileVersion?: string;
  /** A process went on from here: what other files hold of this step and later is void. */
  readonly starts?: boolean;
}

type Bytes = readonly number[];

const varint = (value: number): Bytes => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return bytes;
};

const whole = (field: number, value: number): Bytes => [...varint(field * 8), ...varint(value)];
const double = (field: number, value: number): Bytes => [
  ...varint(field * 8 + 1),
  ...new Uint8Array(Float64Array.of(value).buffer),
];
const float = (field: number, value: number): Bytes => [
  ...varint(field * 8 + 5),
  ...new Uint8Array(Float32Array.of(value).buffer),
];
const block = (field: number, content: Iterable<number> & { readonly length: number }): Bytes => [
  ...varint(field * 8 + 2),
  ...varint(content.length),
  ...content,
];
const text = (field: number, value: string): Bytes => block(field, new TextEncoder().encode(value));

/** `Summary.Image`; 3 is red, green and blue. */
const image = ({ png, width, height }: EventImage): Bytes => [
  ...whole(1, height),
  ...whole(2, width),
  ...whole(3, 3),
  ...block(4, png),
];

/** An event as TensorFlow's `Event` message (event.proto and summary.proto), numbers as its simple scalars. */
export const eventMessage = (event: TensorBoardEvent): Uint8Array => {
  const { scalars = {}, images = {}, fileVersion, starts = false } = event;
  const values = [
    ...Object.entries(scalars).map(([tag, value]) => [...text(1, tag), ...float(2, value)]),
    ...Object.entries(images).map(([tag, picture]) => [...text(1, tag), ...block(4, image(picture))]),
  ];
  return Uint8Array.from([
    ...double(1, event.wallTime),
    ...whole(2, event.step),
    ...(fileVersion === undefined ? [] : text(3, fileVersion)),
    ...(values.length === 0
      ? []
      : block(
          5,
          values.flatMap((value) => [...block(1, value)]),
        )),
    // `SessionLog` with the status `START`.
    ...(starts ? block(7, whole(1, 1)) : []),
  ]);
};
