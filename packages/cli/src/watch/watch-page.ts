/** How often a page asks for news, in milliseconds. */
const interval = 2000;

const css = `
:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--text:#1d2129;--soft:#5b616b;--line:#e1e4e8;--mark:#2563c9;
--bad:#fff1ed;--bad-text:#8f2d12}
@media(prefers-color-scheme:dark){:root{--page:#0f1216;--card:#15181d;--text:#e8eaee;--soft:#a4abb6;--line:#2a2f37;
--mark:#6ea8fe;--bad:#3a1c14;--bad-text:#ffb59d}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif;-webkit-font-smoothing:antialiased}
#view{max-width:1180px;margin:0 auto;padding:32px 24px 48px}
h1{font-size:26px;letter-spacing:-.015em;margin:0 0 14px}
h2{font-size:16px;margin:0 0 12px}
.bar{height:6px;border-radius:3px;background:var(--line);overflow:hidden}
.bar span{display:block;height:100%;background:var(--mark);transition:width .6s}
.stopped .bar span{background:var(--soft)}
dl{display:flex;flex-wrap:wrap;gap:6px 36px;margin:14px 0 22px}
dt{color:var(--soft);font-size:13px}dd{margin:0;font-variant-numeric:tabular-nums;font-weight:600}
.warning{background:var(--bad);color:var(--bad-text);border-radius:10px;padding:12px 16px;margin:0 0 18px}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,500px),1fr));gap:18px;align-items:start}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:16px 18px;min-width:0}
.wide{grid-column:1/-1}
figure{margin:0}figcaption,.note{color:var(--soft);font-size:13.5px;margin:8px 0 0}
svg{display:block;width:100%;height:auto}
.strip{display:flex;align-items:center;gap:14px;margin-bottom:6px}
.strip span{flex:none;width:46px;text-align:right;color:var(--soft);font-variant-numeric:tabular-nums}
.strip img{display:block;flex:1;min-width:0;max-height:128px;object-fit:contain;object-position:left}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.55 ui-monospace,Menlo,Consolas,monospace}
#lost{position:fixed;bottom:16px;left:50%;transform:translateX(-50%);background:var(--text);color:var(--page);
padding:8px 16px;border-radius:8px;font-size:14px}
`;

/** Puts what changed into the page, card by card, so that pictures do not flicker; the server names the state. */
const script = `
const view = document.getElementById('view'), lost = document.getElementById('lost');
let mark = view.dataset.mark;
const replace = (html) => {
  const next = document.createElement('div');
  next.innerHTML = html;
  const merge = (old, fresh) => {
    if (old.outerHTML === fresh.outerHTML) return;
    const same = old.tagName === fresh.tagName && old.children.length && fresh.children.length;
    if (!same || old.tagName === 'SECTION' || old.tagName === 'svg') return old.replaceWith(fresh);
    old.className = fresh.className;
    const count = Math.max(old.children.length, fresh.children.length);
    const pairs = Array.from({ length: count }, (_, i) => [old.children[i], fresh.children[i]]);
    for (const [a, b] of pairs) a && b ? merge(a, b) : a ? a.remove() : old.append(b);
  };
  const pairs = Array.from({ length: Math.max(view.children.length, next.children.length) },
    (_, i) => [view.children[i], next.children[i]]);
  for (const [a, b] of pairs) a && b ? merge(a, b) : a ? a.remove() : view.append(b);
};
const look = async () => {
  try {
    const answer = await fetch('view', { headers: { 'if-none-match': mark }, cache: 'no-store' });
    if (answer.status === 200) {
      mark = answer.headers.get('etag');
      replace(await answer.text());
    }
    lost.hidden = answer.ok || answer.status === 304;
  } catch {
    lost.hidden = false;
  }
  setTimeout(look, ${interval});
};
setTimeout(look, ${interval});
`;

/** The whole page, which asks the server for `view` again and again. */
export const watchPage = (title: string, view: string, mark: string): string =>
  [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,">',
    `<title>${title}</title><style>${css}</style></head><body>`,
    `<div id="view" data-mark="${mark.replaceAll('"', '&quot;')}">${view}</div>`,
    '<div id="lost" role="status" hidden>draft watch has ended; this page shows what was last seen.</div>',
    `<script>${script}</script></body></html>`,
  ].join('');
