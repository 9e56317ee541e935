import { diagramStyle, escapeXml, seriesClass } from './diagram-style.js';
import { niceTicks } from './nice-ticks.js';

/** One column of a dot diagram: a number, or several, for each row. */
export interface DotPanel {
  readonly title: string;
  /** By row; the mean of a row's numbers is drawn large, each of several small. NaN is left out. */
  readonly values: readonly (readonly number[])[];
  /** A dashed line across all rows, for what they are compared with. */
  readonly reference?: number;
  /** Whether the axis begins at 0, as it should where numbers are amounts. @default false */
  readonly fromZero?: boolean;
}

/** What stands over a dot diagram. */
export interface DotOptions {
  readonly title?: string;
  /** In pixels. @default 760 */
  readonly width?: number;
}

const rowHeight = 27;
const gap = 48;

/**
 * Compares things in several respects: a row for each thing, labelled and coloured as its line in `drawCurve` would be, and a
 * panel with an axis of its own for each respect. Made for white and for dark pages.
 */
export function drawDots(
  rows: readonly string[],
  panels: readonly DotPanel[],
  { title, width = 760 }: DotOptions = {},
): string {
  const left = 34 + 8.8 * Math.max(0, ...rows.map((row) => row.length));
  const panelWidth = (width - left - 20 - gap * (panels.length - 1)) / panels.length;
  const top = (title ? 58 : 24) + 18;
  const bottom = top + rowHeight * rows.length;
  const height = bottom + 40;
  const toY = (row: number) => top + rowHeight * (row + 0.5);
  const parts: string[] = [];
  const text = (x: number, y: number, content: string, extra = '') =>
    parts.push(`<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${extra}>${escapeXml(content)}</text>`);
  const line = (name: string, x0: number, y0: number, x1: number, y1: number, extra = '') =>
    parts.push(
      `<line class="${name}" x1="${x0.toFixed(1)}" y1="${y0.toFixed(1)}" x2="${x1.toFixed(1)}" y2="${y1.toFixed(1)}"${extra}/>`,
    );

  if (title) text(20, 32, title, ' class="title"');
  rows.forEach((row, i) => {
    text(left - 14, toY(i) + 4.5, row, ` class="label ${seriesClass(i)}" text-anchor="end"`);
  });
  panels.forEach(({ title: head, values, reference, fromZero = false }, index) => {
    const from = left + index * (panelWidth + gap);
    const shown = [...values.flat(), reference ?? Number.NaN, fromZero ? 0 : Number.NaN].filter(
      Number.isFinite,
    );
    const [low, high] = shown.length === 0 ? [0, 1] : [Math.min(...shown), Math.max(...shown)];
    const ticks = niceTicks(low, high, Math.max(2, Math.floor(panelWidth / 62)));
    const [first, last] = [ticks.values[0]!, ticks.values.at(-1)!];
    const toX = (value: number) => from + 6 + ((value - first) / (last - first)) * (panelWidth - 12);
    text(from + panelWidth / 2, top - 14, head, ' text-anchor="middle"');
    const labelWidth = 12 + 7.4 * Math.max(...ticks.labels.map((label) => label.length));
    // Long numbers are written at fewer of the ticks.
    const every = Math.ceil((labelWidth * (ticks.values.length - 1)) / (panelWidth - 12));
    ticks.values.forEach((value, i) => {
      line('grid', toX(value), top - 2, toX(value), bottom);
      if (i % every !== 0) return;
      text(toX(value), bottom + 19, ticks.labels[i]!, ' text-anchor="middle"');
    });
    line('axis', from, bottom, from + panelWidth, bottom);
    if (reference !== undefined && Number.isFinite(reference)) {
      line('axis', toX(reference), top - 2, toX(reference), bottom, ' stroke-dasharray="4 4"');
    }
    values.forEach((own, row) => {
      const known = own.filter(Number.isFinite);
      if (known.length === 0) return;
      const colour = seriesClass(row);
      const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
      const dot = (value: number, radius: number, extra = '') =>
        parts.push(
          `<circle class="${colour}" cx="${toX(value).toFixed(1)}" cy="${toY(row).toFixed(1)}" r="${radius}"${extra}/>`,
        );
      if (known.length > 1) {
        const [least, most] = [Math.min(...known), Math.max(...known)].map(toX) as [number, number];
        const y = toY(row).toFixed(1);
        parts.push(
          `<path class="${colour}" d="M${least.toFixed(1)} ${y}L${most.toFixed(1)} ${y}" stroke-width="2" opacity=".4"/>`,
        );
        for (const value of known) dot(value, 2.5, ' opacity=".55"');
      }
      dot(mean, 5);
    });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="draft-curve" viewBox="0 0 ${width} ${height}" width="${width}"`,
    ` height="${height}" role="img"${title ? ` aria-label="${escapeXml(title)}"` : ''}><style>${diagramStyle}</style>`,
    `<rect class="page" width="${width}" height="${height}"/>\n${parts.join('\n')}\n</svg>\n`,
  ].join('');
}
