import { basename, dirname } from 'node:path';
import { composeGrid, DraftError, type Pixels } from '@draft/core';
import type { LoraChoice } from '../config/parse-lora.js';

/** The strengths at which the LoRAs apply to some pictures. */
export interface LoraVariation {
  /** One a LoRA. */
  readonly strengths: readonly number[];
  /** What stands at the picture; empty where there is only one variation. */
  readonly label: string;
}

/** What pictures differ in, besides prompt and seed, and how they are laid out. */
export interface LoraVariations {
  readonly list: readonly LoraVariation[];
  /**
   * The pictures that people look at, by their file names.
   * @param pictures Of each prompt one after the other all variations.
   * @param notes What stands under each picture, besides what tells it from the others; none where absent.
   */
  compose(
    prompts: readonly string[],
    pictures: readonly Pixels[],
    notes?: readonly string[],
  ): ReadonlyMap<string, Pixels>;
}

/** What was asked for. */
export interface VariationRequest {
  readonly loras: readonly LoraChoice[];
  readonly scaleSweep?: readonly number[] | undefined;
  readonly mixGrid?: readonly number[] | undefined;
}

const invalid = (message: string) => new DraftError('DRAFT_OPTION_INVALID', message);

/** A number as people write it. */
const show = (scale: number): string => String(Number(scale.toPrecision(4))).replace('-', '−');

/** Names of LoRA files that tell them apart: without the ending, with their folder where that is needed. */
const namesOf = (loras: readonly LoraChoice[]): readonly string[] => {
  const short = loras.map(({ file }) => basename(file).replace(/\.safetensors$/, ''));
  return short.map((name, index) =>
    short.indexOf(name) === short.lastIndexOf(name)
      ? name
      : `${basename(dirname(loras[index]?.file ?? ''))}/${name}`,
  );
};

const square = (
  prompts: readonly string[],
  pictures: readonly Pixels[],
  notes: readonly string[] = [],
): Pixels => {
  // A long prompt is cut, the note is not.
  const captions = prompts.map((prompt, i) => (notes[i] ? `${notes[i]} · ${prompt}` : prompt));
  const columns = Math.min(8, Math.ceil(Math.sqrt(pictures.length)));
  return composeGrid(
    Array.from({ length: Math.ceil(pictures.length / columns) }, (_, row) => ({
      pictures: pictures.slice(row * columns, (row + 1) * columns),
      captions: captions.slice(row * columns, (row + 1) * columns),
    })),
  );
};

const sweep = (loras: readonly LoraChoice[], scales: readonly number[]): LoraVariations => {
  const [only] = loras;
  const own = loras.length === 1 && only ? only.strength : undefined;
  const list = scales.map((scale) => ({
    strengths: loras.map(({ strength }) => strength * scale),
    label: own === undefined ? `all × ${show(scale)}` : `scale ${show(own * scale)}`,
  }));
  return {
    list,
    compose(prompts, pictures, notes = []) {
      const rows = prompts.map((label, row) => ({
        label,
        pictures: pictures.slice(row * scales.length, (row + 1) * scales.length),
        captions: notes.slice(row * scales.length, (row + 1) * scales.length),
      }));
      const title = namesOf(loras).join(' + ');
      return new Map([['grid.png', composeGrid(rows, { title, columns: list.map(({ label }) => label) })]]);
    },
  };
};

const mixture = (loras: readonly [LoraChoice, LoraChoice], scales: readonly number[]): LoraVariations => {
  const [first = '', second = ''] = namesOf(loras);
  const scaled = ({ strength }: LoraChoice) => scales.map((scale) => strength * scale);
  const [across, down] = [scaled(loras[0]), scaled(loras[1])];
  const list = down.flatMap((b) =>
    across.map((a) => ({ strengths: [a, b], label: `${first} ${show(a)}, ${second} ${show(b)}` })),
  );
  return {
    list,
    compose(prompts, pictures, notes = []) {
      const grids = prompts.map((title, index): [string, Pixels] => {
        const own = pictures.slice(index * list.length, (index + 1) * list.length);
        const ownNotes = notes.slice(index * list.length, (index + 1) * list.length);
        const rows = down.map((scale, row) => ({
          label: `${second} ${show(scale)}`,
          pictures: own.slice(row * across.length, (row + 1) * across.length),
          captions: ownNotes.slice(row * across.length, (row + 1) * across.length),
        }));
        const columns = across.map((scale) => `${first} ${show(scale)}`);
        const name = prompts.length === 1 ? 'grid.png' : `grid-${String(index).padStart(4, '0')}.png`;
        return [name, composeGrid(rows, { title, columns })];
      });
      return new Map(grids);
    },
  };
};

/**
 * The variations that were asked for: all LoRAs at several scales, two LoRAs at every pair of scales, or just the
 * LoRAs at their own.
 * @throws DraftError `DRAFT_OPTION_INVALID` where there are not the LoRAs for it.
 */
export const loraVariations = ({ loras, scaleSweep, mixGrid }: VariationRequest): LoraVariations => {
  if (scaleSweep && mixGrid) {
    throw invalid('--scale-sweep and --mix-grid cannot be used together: choose one of them.');
  }
  if (scaleSweep) {
    if (loras.length === 0) throw invalid('--scale-sweep needs a LoRA: give one with --lora.');
    return sweep(loras, scaleSweep);
  }
  if (mixGrid) {
    const [first, second, ...others] = loras;
    if (!first || !second || others.length > 0) {
      throw invalid(`--mix-grid needs two LoRAs: give --lora twice (given: ${loras.length}).`);
    }
    return mixture([first, second], mixGrid);
  }
  return {
    list: [{ strengths: loras.map(({ strength }) => strength), label: '' }],
    compose: (prompts, pictures, notes) => new Map([['grid.png', square(prompts, pictures, notes)]]),
  };
};
