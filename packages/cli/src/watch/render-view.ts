import { watchCurves } from '../guard/watch-curves.js';
import { durationText } from '../progress/durations.js';
import { shortNumber } from '../progress/progress-line.js';
import { trendOf } from '../run/metrics.js';
import { renderCurve, spread } from '../run/run-pictures.js';
import { escapeHtml } from './escape-html.js';
import type { RunView } from './read-view.js';

/** Most strips that are shown, evenly spread over the run. */
const strips = 12;

/** Of a diagram in a card, in pixels, so that its text is as large as the page's. */
const cardWidth = 540;

const card = (title: string, content: string, wide = false): string =>
  `<section class="card${wide ? ' wide' : ''}">${title === '' ? '' : `<h2>${escapeHtml(title)}</h2>`}${content}</section>`;

const fact = (label: string, value: string): string =>
  `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`;

const stateText = ({ state, done, total }: RunView): string => {
  if (state === 'finished') return `finished after ${done} iterations`;
  if (state === 'stopped') return `not running, ${done} of ${total} iterations`;
  if (done === 0) return 'starting';
  return done < total ? `iteration ${done} of ${total}` : 'finishing';
};

const header = (view: RunView): string => {
  const { metrics, done, total, state } = view;
  const last = metrics.at(-1);
  const { smoothed, earlier } = trendOf(metrics.map(({ reward }) => reward));
  const recent = metrics.slice(-20);
  const each = recent.reduce((sum, { seconds }) => sum + seconds, 0) / Math.max(1, recent.length);
  const change = smoothed - earlier;
  const facts = [
    fact('state', stateText(view)),
    ...(last
      ? [
          fact('reward', shortNumber(last.reward)),
          fact(
            'mean',
            `${shortNumber(smoothed)} (${change < 0 ? '−' : '+'}${shortNumber(Math.abs(change))})`,
          ),
          fact('reward queries', String(last.rewardQueries)),
        ]
      : []),
    ...(state === 'running' && done > 0 && done < total
      ? [fact('left', durationText((total - done) * each))]
      : []),
  ];
  const share = total > 0 ? Math.min(100, (100 * done) / total) : 0;
  const bar = `<div class="bar" role="progressbar" aria-valuenow="${Math.round(share)}"><span style="width:${share.toFixed(1)}%"></span></div>`;
  return `<header class="${state}"><h1>${escapeHtml(view.title)}</h1>${bar}<dl>${facts.join('')}</dl></header>`;
};

const signNames = (signs: readonly string[]): string =>
  signs.map((sign) => (sign.startsWith('watched ') ? `the watched ${sign.slice(8)}` : sign)).join(', ');

const warning = ({ readings, summary }: RunView): string => {
  const last = readings.at(-1);
  const before = readings.at(-2);
  const lasting = (last?.signs ?? []).filter((sign) => before?.signs?.includes(sign));
  const texts = summary?.guard?.signs.length ? summary.guard.signs.join('; ') : signNames(lasting);
  return texts === ''
    ? ''
    : `<p class="warning"><strong>The reward is probably being cheated.</strong> ${escapeHtml(texts)}.</p>`;
};

const samples = ({ samples: names, prompts }: RunView): string => {
  if (names.length === 0) return '';
  const rows = spread(names, strips).map((name) => {
    const iteration = Number.parseInt(name, 10);
    const label = iteration === 0 ? 'before' : String(iteration);
    return `<div class="strip"><span>${label}</span><img src="samples/${name}" alt="samples after iteration ${iteration}"></div>`;
  });
  const caption = `<p class="note">${escapeHtml(prompts.slice(0, 4).join(' · '))}; the same seeds in each row.</p>`;
  return card('Samples', `${rows.join('')}${caption}`);
};

/** The part of the page that changes: everything between header and footer. */
export const renderView = (view: RunView): string => {
  const curves = watchCurves(view.readings, cardWidth).map(({ svg, caption }) =>
    card('', `<figure>${svg}<figcaption>${escapeHtml(caption)}</figcaption></figure>`),
  );
  const training = view.metrics.length > 0 ? card('', renderCurve(view.metrics)) : '';
  const command = view.command === '' ? '' : card('Command', `<pre>${escapeHtml(view.command)}</pre>`, true);
  return `${header(view)}${warning(view)}<main>${training}${samples(view)}${curves.join('')}${command}</main>`;
};
