import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of files that goes on where it is asked to; how it behaves is changed while it runs. */
export interface RangeServer {
  readonly base: string;
  readonly files: Map<string, Buffer>;
  /** Everything that was asked, as `/path`, with the range where there was one. */
  readonly requests: string[];
  /** After how many bytes the connection breaks, once each. */
  readonly breaks: number[];
  /** The status of every answer instead of the right one. */
  status: number | null;
  /** What tells one state of a file from another: `etag`, `weak`, `date` or `none`. */
  validator: 'etag' | 'weak' | 'date' | 'none';
  /** Whether it knows ranges, gives wrong ones, or does not say how long a file is. */
  ranges: 'yes' | 'no' | 'wrong';
  lengths: boolean;
  close(): Promise<void>;
}

const date = 'Sat, 01 Jan 2022 00:00:00 GMT';

/** Starts a server on this machine. */
export async function startRangeServer(): Promise<RangeServer> {
  const state = {
    files: new Map<string, Buffer>(),
    requests: [] as string[],
    breaks: [] as number[],
    status: null as number | null,
    validator: 'etag' as RangeServer['validator'],
    ranges: 'yes' as RangeServer['ranges'],
    lengths: true,
  };
  const server = createServer((request, response) => {
    const { range } = request.headers;
    state.requests.push(`${request.url}${range ? ` ${range}` : ''}`);
    const bytes = state.files.get((request.url ?? '').replace(/\?.*$/, ''));
    if (state.status !== null) return response.writeHead(state.status).end();
    if (!bytes) return response.writeHead(404).end();
    const tag = `"${bytes.length}-${bytes[0]}"`;
    const validators = {
      etag: { etag: tag },
      weak: { etag: `W/${tag}` },
      date: { etag: `W/${tag}`, 'last-modified': date },
      none: {},
    }[state.validator];
    const same = request.headers['if-range'] === (state.validator === 'date' ? date : tag);
    const [, first] = /^bytes=(\d+)-$/.exec((same && state.ranges !== 'no' && range) || '') ?? [];
    const from = Number(first ?? 0);
    if (first !== undefined && from >= bytes.length)
      return response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    const part = bytes.subarray(from);
    const shown = state.ranges === 'wrong' ? from + 1 : from;
    response.writeHead(first === undefined ? 200 : 206, {
      ...validators,
      ...(state.lengths ? { 'content-length': part.length } : {}),
      ...(first === undefined
        ? {}
        : { 'content-range': `bytes ${shown}-${bytes.length - 1}/${bytes.length}` }),
    });
    const limit = state.breaks.shift();
    if (limit === undefined) return response.end(part);
    // What has been sent is taken up before the connection breaks.
    return response.write(part.subarray(0, limit), () => setTimeout(() => response.destroy(), 150));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}
