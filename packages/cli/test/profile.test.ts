import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Profile } from '@draft/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainArguments } from '../src/compare/train-arguments.js';
import { parseProfile } from '../src/config/parse-profile.js';
import { profileTable } from '../src/profile/profile-table.js';
import { profileWorkbench } from '../src/profile/profile-workbench.js';
import type { Workbench } from '../src/run/workbench.js';
import { oneSentence, runDraft, runDraftHere } from './draft-process.js';

const tiny = fileURLToPath(
  new URL('../../models-stable-diffusion/test/fixtures/tiny/pipeline', import.meta.url),
);

describe('parseProfile', () => {
  it('takes one iteration, some, or the usual ones, of which a short run has the last', () => {
    expect(parseProfile(false, 10)).toBeUndefined();
    expect(parseProfile(true, 10)).toEqual({ from: 3, to: 5 });
    expect(parseProfile(true, 2)).toEqual({ from: 2, to: 2 });
    expect(parseProfile('4', 10)).toEqual({ from: 4, to: 4 });
    expect(parseProfile(4, 10)).toEqual({ from: 4, to: 4 });
    expect(parseProfile('2:10', 10)).toEqual({ from: 2, to: 10 });
  });

  it('refuses iterations that the run does not have', () => {
    expect(() => parseProfile('5:3', 10)).toThrow(/first before the last \(given: 5:3\)/);
    expect(() => parseProfile('11', 10)).toThrow(/of which there are 10/);
  });

  it('is written on a command line as it is read from one', () => {
    expect(trainArguments({ profile: false })).toEqual([]);
    expect(trainArguments({ profile: true })).toEqual(['--profile']);
    expect(trainArguments({ profile: '2:4' })).toEqual(['--profile', '2:4']);
  });
});

describe('profileWorkbench', () => {
  /** Writes down what is asked of it. */
  const create = () => {
    const log: string[] = [];
    let iteration = 0;
    const workbench = {
      judge: async () => {
        log.push('judge');
        return [];
      },
      iterate: async () => {
        iteration += 1;
        log.push(`iterate ${iteration}`);
        return { iteration };
      },
      state: async () => {
        log.push('save');
        return {};
      },
      writeLora: async () => {},
      dispose: () => log.push('dispose'),
      startProfile: () => {
        log.push('start');
        return {
          begin: () => log.push('begin'),
          stop: () => {
            log.push('stop');
            return {} as Profile;
          },
        };
      },
    } as unknown as Workbench;
    return { log, workbench };
  };

  const run = async (from: number, to: number, iterations: number) => {
    const { log, workbench } = create();
    let count = 0;
    const profiled = profileWorkbench(workbench, {
      ...{ from, to },
      done: () => {
        count += 1;
      },
    });
    for (let i = 0; i < iterations; i++) {
      await profiled.iterate();
      await profiled.state();
    }
    profiled.dispose();
    return { log: log.join(', '), count };
  };

  it('warms up for one iteration, and keeps what is saved after the last', async () => {
    expect(await run(3, 3, 4)).toEqual({
      log: 'iterate 1, save, start, iterate 2, save, begin, iterate 3, save, stop, iterate 4, save, dispose',
      count: 1,
    });
  });

  it('begins with the first iteration, and ends with the run, where it has to', async () => {
    expect(await run(1, 2, 2)).toEqual({
      log: 'start, begin, iterate 1, save, iterate 2, save, stop, dispose',
      count: 1,
    });
  });

  it('shows what there was of a run that was stopped, and nothing of one that never came so far', async () => {
    expect((await run(2, 5, 3)).count).toBe(1);
    expect(await run(3, 5, 2)).toEqual({
      log: 'iterate 1, save, start, iterate 2, save, stop, dispose',
      count: 0,
    });
  });
});

describe('profileTable', () => {
  const summary = {
    ...{ duration: 2000, statistics: 100, preparation: 0, iterations: 2, sections: [], opTime: 1200 },
    kinds: [
      { name: 'Conv2D', count: 4, time: 900, operations: 1_800_000, outputBytes: 3000, allocatedBytes: 2000 },
    ],
    phases: [{ name: 'sampling', count: 6, time: 1500, idle: 300 }],
    ...{ busy: 1000, parallel: 200, waiting: 300, peak: { call: 'denoise', bytes: 5e6 } },
    transfers: { count: 2, time: 100, bytes: 64 },
  };

  it('shows an iteration, on average', () => {
    const table = profileTable(summary, true);
    expect(table).toMatch(/^Conv2D +2 +0\.5 +75\.0 % +2\.0 +2 kB +1 kB$/m);
    expect(table).toMatch(/^sampling +3 +0\.8 +75\.0 % +20\.0 %$/m);
    expect(table).toContain('No op ran in 50.0 % of the time: 15.0 % within recorded functions');
    expect(table).toContain('The ops of denoise held 5 MB at once');
    expect(profileTable(summary, false)).toMatch(/^sampling +3 +0\.8 +75\.0 %$/m);
  });
});

describe('draft train --profile', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'draft-profile-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const arguments_ = (...args: string[]) => [
    ...['train', '--model', tiny, '--steps', '2', '--guidance', '1', '--batch', '1', '--rank', '2'],
    ...['--prompts', 'a fox', '--sampler', 'ddim', '--reward', 'symmetry', '--evaluate', '1'],
    ...['--algorithm', 'draft', '--guard', 'off', '--sample-every', '0', ...args],
  ];
  const train = (...args: string[]) => runDraft(folder, arguments_(...args));

  it('writes a trace of the ops, and a table', () => {
    const profiled = train(
      '--iterations',
      '3',
      '--output',
      'profiled',
      '--profile',
      '2:3',
      '--backend',
      'tensorflow',
    );
    expect(profiled.stderr).toBe('');
    expect(profiled.status).toBe(0);
    expect(profiled.stdout).toContain('Profile of iterations 2 to 3');
    expect(profiled.stdout).toMatch(/^(DraftConvolution|Conv2D) .* [MK]B/m);
    expect(profiled.stdout).toMatch(/^sampling +1 /m);
    const { traceEvents } = JSON.parse(readFileSync(join(folder, 'profiled', 'profile.json'), 'utf8'));
    const names = new Set(traceEvents.map(({ name }: { name: string }) => name));
    for (const name of [
      'iteration: 2',
      'iteration: 3',
      'sampling: step 2',
      'optimiser',
      'save',
      'DraftConvolution',
    ]) {
      expect(names).toContain(name);
    }
  }, 300_000);

  it('says where only phases are known', () => {
    const run = train('--iterations', '1', '--output', 'wasm', '--profile');
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('Only --backend tensorflow tells of single ops');
    expect(run.stdout).toMatch(/^sampling +1 /m);
  }, 300_000);

  it('refuses iterations that there are not, before anything is loaded', async () => {
    const args = arguments_('--iterations', '2', '--output', 'refused', '--profile', '3:4');
    const run = await runDraftHere(folder, args);
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(oneSentence);
    expect(run.stderr).toContain('--profile takes iterations of the run');
  });
});
