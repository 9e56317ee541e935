import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DraftError } from '@draft/core';
import type { RunFolder } from '../run/run-folder.js';
import { escapeHtml } from './escape-html.js';
import { readStrip, readView } from './read-view.js';
import { renderView } from './render-view.js';
import { watchPage } from './watch-page.js';

/** A page that shows a run. */
export interface WatchServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Where the page is served: to this machine alone. */
const host = '127.0.0.1';

const headers = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy':
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'",
};

/** A name that some other site gave to this machine gets no answer. */
const isLocal = ({ headers: { host: name = '' } }: IncomingMessage): boolean =>
  /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(name);

interface Answer {
  readonly status: number;
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

const html = 'text/html; charset=utf-8';

const answer = (status: number, type: string, body: string | Uint8Array, more = {}): Answer => ({
  status,
  body,
  headers: { ...headers, 'content-type': type, ...more },
});

const refusal = (status: number, text: string): Answer => answer(status, 'text/plain; charset=utf-8', text);

/** What a request gets. */
const answerTo = (folder: RunFolder, now: number, request: IncomingMessage): Answer => {
  if (!isLocal(request)) return refusal(403, 'This page is for this machine alone.');
  if (request.method !== 'GET') return refusal(405, 'There is nothing to change here.');
  const path = (request.url ?? '/').replace(/\?.*$/, '');
  if (path === '/' || path === '/view') {
    const view = readView(folder, now);
    const body = renderView(view);
    const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 20)}"`;
    if (path === '/') return answer(200, html, watchPage(escapeHtml(view.title), body, etag));
    const known = request.headers['if-none-match'] === etag;
    return answer(known ? 304 : 200, html, known ? '' : body, { etag });
  }
  const [, name = ''] = /^\/samples\/(\d+\.png)$/.exec(path) ?? [];
  const strip = readStrip(folder, name);
  // A strip that was written stays what it is, unless the run is trained again.
  if (strip) return answer(200, 'image/png', strip, { 'cache-control': 'max-age=60' });
  return refusal(404, 'There is nothing here.');
};

/**
 * Serves the page of a run.
 * @param port 0 takes any that is free.
 * @throws DraftError `DRAFT_PORT_TAKEN`, or `DRAFT_PORT_REFUSED` where the system does not give it.
 */
export const serveWatch = (folder: RunFolder, port: number, now: () => number): Promise<WatchServer> =>
  new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      let result: Answer;
      try {
        result = answerTo(folder, now(), request);
      } catch (error) {
        result = refusal(500, error instanceof Error ? error.message : String(error));
      }
      response.writeHead(result.status, result.headers);
      response.end(result.body);
    });
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      const text = taken
        ? `Port ${port} is in use, perhaps by another draft watch: choose another with --port, or 0 for any that is free.`
        : `Port ${port} cannot be listened on (${cause.code ?? cause.message}): choose another with --port.`;
      reject(new DraftError(taken ? 'DRAFT_PORT_TAKEN' : 'DRAFT_PORT_REFUSED', text, { cause }));
    });
    server.listen(port, host, () => {
      resolve({
        url: `http://${host}:${(server.address() as AddressInfo).port}/`,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
