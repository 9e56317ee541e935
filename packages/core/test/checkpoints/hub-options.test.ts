import { type HubProgress, hubOptionsOf } from '@draft/core';
import { expect, it } from 'vitest';

const half: HubProgress = { name: 'hf:a/b/model.safetensors', received: 500_000, total: 1_000_000 };

it('a plugin talks to the Hub as whoever makes it says, commits included', () => {
  const seen: HubProgress[] = [];
  const commits = new Map([['hf:a/b', 'c0ffee']]);
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const options = hubOptionsOf({ log, hub: { commits, onProgress: (progress) => seen.push(progress) } });
  options.onProgress?.(half);
  expect(options.commits).toBe(commits);
  expect([seen, lines]).toEqual([[half], []]);
});

it('and tells of downloads in lines where nobody says anything', () => {
  const lines: string[] = [];
  hubOptionsOf({ log: (line) => lines.push(line) }).onProgress?.(half);
  expect(lines).toEqual(['Downloading hf:a/b/model.safetensors: 50 % of 1.0 MB']);
});
