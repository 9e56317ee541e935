import type { Canvas } from '../canvas.js';
import type { Color, ColorName } from '../color.js';

/** The families of backgrounds. */
export type BackgroundKind = 'plain' | 'landscape' | 'texture';

/** What is behind the animal: the words for it, and how to paint it. */
export interface Background {
  readonly kind: BackgroundKind;
  /** The word that captions use: a colour, a place or a pattern. */
  readonly word: string;
  /** The colour of a pattern, where it has one. */
  readonly color?: ColorName;
  /** The colours that the animal will stand against. */
  readonly tones: readonly Color[];
  /** Paints it; equal calls paint equal pictures. */
  paint(canvas: Canvas): void;
}
