import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DraftError, type HubOptions } from '@draft/core';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import { type FakeHub, startFakeHub } from './fake-hub.js';

/** The stand-in for the Hub of the test that runs, and the empty cache that it has. */
export let hub: FakeHub;
export let cache: string;

/** What every message is searched for. */
export const secret = 'hf_secretsecretsecret';

/** How the stand-in is asked. */
export const environment = (more: Readonly<Record<string, string>> = {}): HubOptions => ({
  environment: { HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: cache, ...more },
});

let root: string;
let caches = 0;

/** Goes on with an empty cache. */
export const emptyCache = (): void => {
  caches += 1;
  cache = join(root, String(caches));
};

/** Gives each test of a file a Hub with a small model, and a cache of its own. */
export const useHub = (): void => {
  root = mkdtempSync(join(tmpdir(), 'draft-hub-'));
  beforeEach(async () => {
    hub = await startFakeHub();
    emptyCache();
    hub.files.set('config.json', Buffer.from('{"model_type":"clip"}'));
    hub.files.set('model.safetensors', Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => i % 251)));
  });
  afterEach(() => hub.close());
  afterAll(() => rmSync(root, { recursive: true }));
};

/** The error that something fails with, which must not repeat the token. */
export const failure = async (promise: Promise<unknown>): Promise<DraftError> => {
  const cause = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(cause).toBeInstanceOf(DraftError);
  const { message } = cause as DraftError;
  expect(message).not.toContain(secret);
  return cause as DraftError;
};
