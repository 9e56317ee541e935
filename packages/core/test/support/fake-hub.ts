import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the stand-in for the Hub behaves; changed while it runs. */
export interface FakeHub {
  readonly endpoint: string;
  /** Everything that was asked, as `METHOD /path`, with the range where there was one. */
  readonly requests: string[];
  readonly files: Map<string, Buffer>;
  /** What the Hub says the file's hash is, where that is wrong. */
  readonly wrongHash: Set<string>;
  /** After how many bytes of content the connection breaks, once each. */
  readonly breaks: number[];
  /** The status that every request gets instead of an answer. */
  failure: number | null;
  /** The token that is asked for. */
  token: string | null;
  commit: string;
  /** Names of the commit, besides its own. */
  readonly revisions: Set<string>;
  close(): Promise<void>;
}

const lfsFrom = 100;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const gitHash = (bytes: Buffer) =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/** Starts a server that answers for the model `org/name` as the Hub does. */
export async function startFakeHub(): Promise<FakeHub> {
  const hub = {
    requests: [] as string[],
    files: new Map<string, Buffer>(),
    wrongHash: new Set<string>(),
    breaks: [] as number[],
    failure: null as number | null,
    token: null as string | null,
    commit: 'a'.repeat(40),
    revisions: new Set(['main', 'v1']),
  };

  const describe = (path: string) => {
    const bytes = hub.files.get(path);
    if (!bytes) return [];
    const wrong = hub.wrongHash.has(path);
    const lfs =
      bytes.length >= lfsFrom
        ? { oid: sha256(wrong ? Buffer.from('x') : bytes), size: bytes.length }
        : undefined;
    return [{ type: 'file', path, size: bytes.length, oid: gitHash(wrong ? Buffer.from('x') : bytes), lfs }];
  };
  const send = (response: ServerResponse, bytes: Buffer, range: string | undefined) => {
    const [, from = '0', to = ''] = /bytes=(\d+)-(\d*)/.exec(range ?? '') ?? [];
    const end = to === '' ? bytes.length : Math.min(bytes.length, Number(to) + 1);
    const part = bytes.subarray(Number(from), end);
    response.writeHead(range ? 206 : 200, {
      'content-length': part.length,
      etag: `"${gitHash(bytes)}"`,
      ...(range ? { 'content-range': `bytes ${from}-${end - 1}/${bytes.length}` } : {}),
    });
    const limit = part.length > 1 ? hub.breaks.shift() : undefined;
    if (limit === undefined) return response.end(part);
    return response.write(part.subarray(0, limit), () => setTimeout(() => response.destroy(), 20));
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://hub');
    const range = request.headers.range;
    hub.requests.push(`${request.method} ${url.pathname}${range ? ` ${range}` : ''}`);
    const json = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (hub.failure !== null) return json(hub.failure, { error: 'no' });
    if (hub.token !== null && request.headers.authorization !== `Bearer ${hub.token}`) {
      return json(401, { error: `got ${request.headers.authorization}` });
    }
    const [, revision = ''] = /^\/api\/models\/org\/name\/revision\/([^/]+)$/.exec(url.pathname) ?? [];
    if (hub.revisions.has(decodeURIComponent(revision)) || revision === hub.commit) {
      return json(200, { _id: '1', id: 'org/name', modelId: 'org/name', sha: hub.commit, tags: [] });
    }
    if (url.pathname === `/api/models/org/name/paths-info/${hub.commit}`) {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      const { paths } = JSON.parse(Buffer.concat(pieces).toString()) as { paths: string[] };
      return json(200, paths.flatMap(describe));
    }
    const [, path = ''] = new RegExp(`^/org/name/resolve/${hub.commit}/(.+)$`).exec(url.pathname) ?? [];
    const bytes = hub.files.get(path);
    return bytes ? send(response, bytes, range) : json(404, { error: 'not found' });
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(hub, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}
