import { DraftError } from '@draft/core';
import { imagenetNames } from './imagenet-names.js';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The labels that a configuration names, or null where it names none. */
function configuredLabels(config: Readonly<Record<string, unknown>>): readonly unknown[] | null {
  const { id2label, label_names: listed } = config;
  if (Array.isArray(listed)) return listed;
  if (!isRecord(id2label)) return null;
  const labels = Object.keys(id2label).map((_, index) => id2label[index]);
  // What transformers writes where there are no names.
  return labels.every((label, index) => label === `LABEL_${index}`) ? null : labels;
}

/**
 * The labels of a classifier's classes: those of its configuration (`id2label` of transformers, `label_names` of
 * timm), else ImageNet's where there are a thousand, else numbers.
 * @throws DraftError `DRAFT_CONFIG_INVALID` where the configuration has another number of them.
 */
export function classLabels(config: unknown, classes: number): readonly string[] {
  const labels = isRecord(config) ? configuredLabels(config) : null;
  if (labels) {
    if (labels.length === classes && labels.every((label) => typeof label === 'string'))
      return labels as string[];
    throw new DraftError(
      'DRAFT_CONFIG_INVALID',
      `The classifier's config.json names ${labels.length} classes, but its weights have ${classes}; take both files from the same place.`,
    );
  }
  return classes === imagenetNames.length
    ? imagenetNames
    : Array.from({ length: classes }, (_, i) => String(i));
}
