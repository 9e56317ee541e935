import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createProgress } from '../src/progress/progress.js';
import { prepareTraining, readTrainLayers } from '../src/setup/prepare-training.js';
import { resumeRun } from '../src/setup/resume-run.js';

const quiet = createProgress({ write: () => true }, Date.now);
const folder = mkdtempSync(join(tmpdir(), 'draft-resume-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a continued run keeps to what it recorded, not to what its checkpoint recommends today', async () => {
  const cwd = process.cwd();
  const fresh = await prepareTraining(await readTrainLayers({ reward: ['symmetry'] }, cwd), cwd, quiet);
  expect(fresh.config.basePenalty).toBeGreaterThan(0);
  const { basePenalty: _, ...options } = fresh.config;
  const { prompts, heldOut } = fresh;
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ options, prompts, heldOut, command: '' }));
  const { layers, recorded } = resumeRun({ resume: folder }, folder, cwd);
  const continued = await prepareTraining(layers, cwd, quiet, recorded);
  expect(continued.config).toEqual({ ...options, basePenalty: 0 });
});
