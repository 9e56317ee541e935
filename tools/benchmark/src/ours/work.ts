import type { Runtime } from '@draft/core';
import type { Setup } from '../setup.js';

/** Prepares a piece of work, which can then be run again and again; a run gives numbers to compare. */
export type Work = (
  setup: Setup,
  runtime: Runtime,
) => Promise<() => Promise<Readonly<Record<string, number>>>>;
