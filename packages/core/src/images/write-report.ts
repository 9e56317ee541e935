import { writeFileAtomically } from '../files/write-file-atomically.js';
import { escapeXml } from './diagram-style.js';

/** A picture, a diagram or a table of a report. */
export interface ReportFigure {
  readonly title: string;
  readonly caption?: string;
  /** A PNG file, embedded as it is. */
  readonly png?: Uint8Array;
  /** An SVG element, for example of `drawCurve`; embedded unescaped. */
  readonly svg?: string;
  /** Rows of a table; the first is the head. */
  readonly table?: ReportTable;
}

/** Rows of cells; the first row is the head. */
export type ReportTable = readonly (readonly (string | number)[])[];

/** What a report shows. */
export interface Report {
  readonly title: string;
  /** One sentence under the title. */
  readonly subtitle?: string;
  /** A table; its first row is the head. */
  readonly summary: ReportTable;
  readonly figures: readonly ReportFigure[];
  /** Shown key by key. */
  readonly config: object;
  /** The command line that makes the same run again. */
  readonly command: string;
}

const css = `
:root{color-scheme:light dark;--page:#fff;--text:#1d2129;--soft:#5b616b;--line:#e4e7eb;--card:#f6f7f9}
@media(prefers-color-scheme:dark){:root{--page:#15181d;--text:#e8eaee;--soft:#a4abb6;--line:#2d323a;--card:#1d2128}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif;-webkit-font-smoothing:antialiased}
main{max-width:1040px;margin:0 auto;padding:56px 28px 72px}
h1{font-size:32px;line-height:1.2;letter-spacing:-.015em;margin:0 0 8px}
h2{font-size:20px;letter-spacing:-.01em;margin:52px 0 14px}
p{margin:0;color:var(--soft);max-width:68ch}
figure{margin:0}figcaption{color:var(--soft);font-size:14.5px;margin-top:10px;max-width:78ch}
figure img,figure svg{display:block;max-width:100%;height:auto;border:1px solid var(--line);border-radius:10px}
figure img{background:#fff}figure svg{width:100%}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
.summary{margin-top:30px}figure .summary{margin-top:0}
.summary th,.summary td{padding:9px 30px 9px 0;border-bottom:1px solid var(--line);text-align:left}
.summary th{font-weight:500;font-size:.9em;color:var(--soft)}
.summary .number{text-align:right;white-space:nowrap}
.wide{font-size:14.5px}.wide th,.wide td{padding-right:18px}
pre,.config td{font:13.5px/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{margin:0;padding:14px 18px;background:var(--card);border-radius:10px;white-space:pre-wrap;overflow-wrap:anywhere}
.config td{padding:3px 28px 3px 0;vertical-align:top;overflow-wrap:anywhere}
.config td:first-child{color:var(--soft);white-space:nowrap}
@media print{main{padding:0}figure{break-inside:avoid}}
`;

/** `{a: {b: 1}}` as `['a.b', '1']`; lists of plain values stay on one line. */
function flatten(value: unknown, key: string): [string, string][] {
  const nested = typeof value === 'object' && value !== null;
  const plainList = Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null);
  if (!nested || plainList || Object.keys(value).length === 0) {
    return [[key, typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined')]];
  }
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .flatMap(([name, inner]) => flatten(inner, key ? `${key}.${name}` : name));
}

/** A number as people write it: `−0.52`, `78 %`, `0.31 ± 0.02`, `78 % (70 to 85)`; a dash where there is none. */
const numberText = /^(–|[−+-]?[\d.]+(e[−+-]?\d+)?\s*%?(\s*±\s*[\d.]+(e[−+-]?\d+)?)?(\s*\([^()]*\))?)$/;

function renderTable(rows: ReportTable): string {
  const isNumber = (cell: string | number) => typeof cell === 'number' || numberText.test(cell);
  const body = rows.slice(1);
  const cells = (row: readonly (string | number)[], tag: string) =>
    row.map((cell, column) => {
      const numeric = body.length > 0 && body.every((one) => isNumber(one[column] ?? ''));
      const short = typeof cell === 'number' ? String(Number(cell.toPrecision(4))) : cell;
      const text = escapeXml(short.replace(/^-(?=[\d.])/, '−'));
      return `<${tag}${numeric ? ' class="number"' : ''}>${text}</${tag}>`;
    });
  const lines = rows.map((row, i) => `<tr>${cells(row, i === 0 ? 'th' : 'td').join('')}</tr>`);
  return rows.length === 0
    ? ''
    : `<div class="scroll"><table class="summary${(rows[0]?.length ?? 0) > 5 ? ' wide' : ''}">${lines.join('')}</table></div>`;
}

function figure({ title, caption, png, svg, table }: ReportFigure): string {
  const source = png && `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  const content = source
    ? `<img src="${source}" alt="${escapeXml(title)}">`
    : (svg ?? renderTable(table ?? []));
  const note = caption ? `<figcaption>${escapeXml(caption)}</figcaption>` : '';
  return `<h2>${escapeXml(title)}</h2><figure>${content}${note}</figure>`;
}

/** A report as one HTML file that needs nothing else: pictures and styles are inside. */
export function renderReport({ title, subtitle, summary, figures, config, command }: Report): string {
  const settings = flatten(config, '').map(
    ([key, value]) => `<tr><td>${escapeXml(key)}</td><td>${escapeXml(value)}</td></tr>`,
  );
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escapeXml(title)}</title><style>${css}</style></head><body><main>`,
    `<h1>${escapeXml(title)}</h1>${subtitle ? `<p>${escapeXml(subtitle)}</p>` : ''}`,
    renderTable(summary),
    ...figures.map(figure),
    `<h2>Run it again</h2><pre>${escapeXml(command)}</pre>`,
    `<h2>Configuration</h2><div class="scroll"><table class="config">${settings.join('')}</table></div>`,
    '</main></body></html>\n',
  ].join('\n');
}

/** Writes a report as one HTML file, atomically. */
export function writeReport(path: string, report: Report): void {
  writeFileAtomically(path, renderReport(report));
}
