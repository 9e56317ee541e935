/** Text that is safe in XML. */
export function escapeXml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML forbids these even escaped.
  return text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, '').replace(/[&<>"]/g, (mark) => entities[mark]!);
}

/** Distinct for colour-blind eyes, on white and, lightened, on black. */
const colours = [
  ['#2563c9', '#6ea8fe'],
  ['#d9661f', '#ff9d5c'],
  ['#1f8a5b', '#54c894'],
  ['#9a4fc0', '#cf97ee'],
  ['#b3364a', '#f08395'],
  ['#60646c', '#a9afb9'],
  ['#0c8ca6', '#4cc9e0'],
  ['#a88a00', '#e0c341'],
  ['#7a4a2b', '#c99673'],
  ['#d64a9a', '#ff8cc6'],
] as const;

/** The styles of a diagram, for a page and by itself. */
export const diagramStyle = [
  '.draft-curve text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:#5b616b}',
  '.draft-curve .title{font-size:16px;font-weight:600;fill:#1d2129}',
  '.draft-curve .page{fill:#fff}.draft-curve .grid{stroke:#e7e9ed}.draft-curve .axis{stroke:#9aa0aa}',
  '.draft-curve .label{font-weight:600;fill:var(--c);stroke:none}',
  '.draft-curve path{fill:none;stroke:var(--c);stroke-linejoin:round;stroke-linecap:round}',
  '.draft-curve circle{fill:var(--c)}.draft-curve .band{fill:var(--c);stroke:none;opacity:.14}',
  '.draft-curve .reference{--c:#8a909a;stroke-dasharray:5 5}',
  ...colours.map(([light], i) => `.draft-curve .s${i}{--c:${light}}`),
  '@media(prefers-color-scheme:dark){.draft-curve text{fill:#a4abb6}.draft-curve .title{fill:#e8eaee}',
  '.draft-curve .page{fill:#15181d}.draft-curve .grid{stroke:#2a2f37}.draft-curve .axis{stroke:#5c6470}',
  '.draft-curve .label{fill:var(--c)}',
  ...colours.map(([, onDark], i) => `.draft-curve .s${i}{--c:${onDark}}`),
  '}',
].join('');

/** The class that gives the line, dot or label of series `index` its colour; colours come again after the last. */
export function seriesClass(index: number): string {
  return `s${index % colours.length}`;
}
