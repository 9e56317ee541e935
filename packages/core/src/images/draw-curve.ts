import { diagramStyle, escapeXml, seriesClass } from './diagram-style.js';
import { logTicks } from './log-ticks.js';
import { niceTicks } from './nice-ticks.js';
import { smooth } from './smooth.js';

/** One line of a diagram. */
export interface CurveSeries {
  /** Stands at the end of the line. */
  readonly label: string;
  readonly x: readonly number[];
  /** NaN leaves a gap. */
  readonly y: readonly number[];
  /** A faint band around the line, from the first list to the second. */
  readonly band?: readonly [low: readonly number[], high: readonly number[]];
  /** A thin grey dashed line, for what others are compared with. @default false */
  readonly reference?: boolean;
}

/** What stands around a diagram, and its size in pixels. */
export interface CurveOptions {
  readonly title?: string;
  readonly xLabel?: string;
  readonly yLabel?: string;
  /** @default 760 */
  readonly width?: number;
  /** @default 400 */
  readonly height?: number;
  /** Whether long series, noisy as they are in training, get a smoothed line over the faint raw one. @default true */
  readonly smoothed?: boolean;
  /** Whether equal ratios of x are equally long; x that are not positive are then left out. @default false */
  readonly logX?: boolean;
}

/** A path through the points, lifted at every gap; a point alone between gaps becomes a dot. */
function trace(x: readonly number[], y: readonly number[]): { line: string; dots: [number, number][] } {
  let line = '';
  const dots: [number, number][] = [];
  let run = 0;
  for (let i = 0; i <= y.length; i++) {
    if (Number.isFinite(x[i]) && Number.isFinite(y[i])) {
      line += `${run++ === 0 ? 'M' : 'L'}${x[i]!.toFixed(1)} ${y[i]!.toFixed(1)}`;
    } else {
      if (run === 1) dots.push([x[i - 1]!, y[i - 1]!]);
      run = 0;
    }
  }
  return { line, dots };
}

/** Moves heights apart to at least `distance`, keeping their order. */
function spread(heights: readonly number[], distance: number, bottom: number): number[] {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a]! - heights[b]!);
  const result = [...heights];
  order.forEach((index, i) => {
    if (i > 0) result[index] = Math.max(result[index]!, result[order[i - 1]!]! + distance);
  });
  const excess = Math.max(0, (result[order.at(-1) ?? 0] ?? 0) - bottom);
  return result.map((height) => height - excess);
}

/**
 * A line diagram as SVG: raw values faint, a smoothed line over them, each labelled at its end. Made for white
 * and for dark pages.
 */
export function drawCurve(series: readonly CurveSeries[], options: CurveOptions = {}): string {
  const {
    title,
    xLabel,
    yLabel,
    width = 760,
    height = 400,
    smoothed: smooths = true,
    logX = false,
  } = options;
  const shows = ({ x, y }: CurveSeries, i: number) =>
    Number.isFinite(x[i]) && Number.isFinite(y[i]) && !(logX && x[i]! <= 0);
  const finite = (pick: (one: CurveSeries) => readonly number[]) =>
    series.flatMap((one) => pick(one).filter((value, i) => shows(one, i) && Number.isFinite(value)));
  const bands = series.flatMap(({ band = [] }) => band.flat().filter(Number.isFinite));
  const range = (values: readonly number[]): [number, number] => {
    return values.reduce<[number, number]>(
      ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
      values.length > 0 ? [Infinity, -Infinity] : [0, 1],
    );
  };
  const [x0, x1] = range(finite(({ x }) => x));
  const yTicks = niceTicks(...range([...finite(({ y }) => y), ...bands]), 6);
  const wide = x1 - x0 > Math.max(1e-300, 1e-9 * Math.max(Math.abs(x0), Math.abs(x1)));
  const xTicks = !wide
    ? { values: [x0], labels: [String(x0)] }
    : logX
      ? logTicks(x0, x1)
      : niceTicks(x0, x1, Math.max(2, Math.floor(width / 110)));
  // The line fills the width: ticks beyond the last value are left out.
  const place = (value: number) => (logX ? Math.log10(value) : value);
  const around = logX ? [x0 / 10, x0 * 10] : [x0 - Math.max(1, Math.abs(x0)), x0 + Math.max(1, Math.abs(x0))];
  const [xLow, xHigh] = (wide ? [x0, x1] : around).map(place) as [number, number];
  const [yLow, yHigh] = [yTicks.values[0]!, yTicks.values.at(-1)!];

  const labelWidth = series.length > 1 ? Math.max(...series.map(({ label }) => 8 * label.length)) + 16 : 12;
  const left = 20 + 7.4 * Math.max(...yTicks.labels.map((label) => label.length)) + (yLabel ? 22 : 0);
  const right = width - 16 - Math.min(labelWidth, 0.4 * width);
  const top = title ? 58 : 24;
  const bottom = height - (xLabel ? 58 : 38);
  const toX = (value: number) => left + ((place(value) - xLow) / (xHigh - xLow)) * (right - left);
  const toY = (value: number) => bottom - ((value - yLow) / (yHigh - yLow)) * (bottom - top);

  const parts: string[] = [];
  const text = (x: number, y: number, content: string, extra = '') =>
    parts.push(`<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${extra}>${escapeXml(content)}</text>`);
  const rule = (name: string, x: number, y: number, toX: number, toY: number) =>
    parts.push(
      `<line class="${name}" x1="${x.toFixed(1)}" y1="${y.toFixed(1)}" x2="${toX.toFixed(1)}" y2="${toY.toFixed(1)}"/>`,
    );
  yTicks.values.forEach((value, i) => {
    rule('grid', left, toY(value), right, toY(value));
    text(left - 10, toY(value) + 4.5, yTicks.labels[i]!, ' text-anchor="end"');
  });
  rule('axis', left, bottom, right, bottom);
  xTicks.values.forEach((value, i) => {
    if (place(value) < xLow - 1e-9 || place(value) > xHigh + 1e-9) return;
    rule('axis', toX(value), bottom, toX(value), bottom + 5);
    text(toX(value), bottom + 21, xTicks.labels[i]!, ' text-anchor="middle"');
  });
  if (title) text(left, 32, title, ' class="title"');
  if (xLabel) text((left + right) / 2, height - 14, xLabel, ' text-anchor="middle"');
  if (yLabel) {
    const middle = (top + bottom) / 2;
    text(0, 0, yLabel, ` text-anchor="middle" transform="translate(20 ${middle.toFixed(1)}) rotate(-90)"`);
  }

  const ends: { readonly index: number; readonly y: number }[] = [];
  series.forEach(({ x, y, band, reference }, index) => {
    const across = x.map(toX);
    const long = smooths && y.length >= 20;
    const mean = smooth(y, long ? y.length / 40 : 0).map(toY);
    const smoothed = trace(across, mean);
    const colour = reference ? 'reference' : seriesClass(index);
    if (band) {
      const inside = x
        .map((_, i) => i)
        .filter((i) => Number.isFinite(across[i]) && band.every((side) => Number.isFinite(side[i])));
      const edge = (side: readonly number[]) =>
        inside.map((i) => `${across[i]!.toFixed(1)} ${toY(side[i]!).toFixed(1)}`);
      const outline = [...edge(band[0]), ...edge(band[1]).reverse()].join('L');
      if (inside.length > 1) parts.push(`<path class="band ${colour}" d="M${outline}Z"/>`);
    }
    if (long) {
      const raw = trace(across, y.map(toY));
      parts.push(`<path class="${colour}" d="${raw.line}" stroke-width="1" opacity=".32"/>`);
    }
    parts.push(`<path class="${colour}" d="${smoothed.line}" stroke-width="${reference ? 1.5 : 2.25}"/>`);
    for (const [dotX, dotY] of smoothed.dots) {
      parts.push(`<circle class="${colour}" cx="${dotX.toFixed(1)}" cy="${dotY.toFixed(1)}" r="3.5"/>`);
    }
    const end = mean.findLast((value, i) => Number.isFinite(value) && Number.isFinite(across[i]));
    // What has no line needs no label.
    if (end !== undefined) ends.push({ index, y: end });
  });
  if (series.length > 1) {
    const heights = ends.map(({ y }) => y);
    spread(heights, 17, bottom).forEach((y, i) => {
      const { index } = ends[i]!;
      const { label, reference } = series[index]!;
      text(right + 10, y + 4.5, label, ` class="label ${reference ? 'reference' : seriesClass(index)}"`);
    });
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="draft-curve" viewBox="0 0 ${width} ${height}" width="${width}"`,
    ` height="${height}" role="img"${title ? ` aria-label="${escapeXml(title)}"` : ''}><style>${diagramStyle}</style>`,
    `<rect class="page" width="${width}" height="${height}"/>\n${parts.join('\n')}\n</svg>\n`,
  ].join('');
}
