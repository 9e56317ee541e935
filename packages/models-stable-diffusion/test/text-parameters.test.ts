import { createTextTower } from '@draft/model-clip';
import { describe, expect, it } from 'vitest';
import { createProjectedTower } from '../src/conditioning/double-encoder.js';
import { publishedArchitectures } from '../src/single-file/published-architectures.js';
import { createRecordingWeights } from './recording-weights.js';
import { storedShapes } from './stored-shapes.js';

const large = publishedArchitectures['sdxl_base_v1-0']();

describe('the text encoders of the published models', () => {
  it.each([
    ['Stable Diffusion 1.x', publishedArchitectures.sd_v1().text],
    ['SDXL, the first', large.text],
  ])('take every parameter of %s, in its shape, and no other', (_, config) => {
    const weights = createRecordingWeights((name) => name.startsWith('text_model.'));
    createTextTower(config, weights);
    expect(weights.requested.size).toBe(196);
    expect([...weights.requested].sort()).toEqual([...storedShapes('clip-l-text')].sort());
  });

  it('take every parameter of SDXL’s second, with its projection, and no other', () => {
    const weights = createRecordingWeights((name) => name.startsWith('text_model.'));
    createProjectedTower(large.second!.text, weights);
    expect(weights.requested.size).toBe(517);
    expect([...weights.requested].sort()).toEqual([...storedShapes('sdxl-text-2')].sort());
  });
});
