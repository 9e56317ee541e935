import { DraftError } from '@draft/core';
import { nearestName } from '@draft/core/plugins';

const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();

/** The names of a class: the whole of it, and each of those that commas separate. */
const namesOf = (label: string): readonly string[] => [label, ...label.split(',')].map(plain);

const some = (labels: readonly string[]): string => {
  const shown = labels
    .slice(0, 8)
    .map((label) => `"${label.split(',')[0]}"`)
    .join(', ');
  return labels.length > 8 ? `${shown} and ${labels.length - 8} more` : shown;
};

const unknown = (message: string): DraftError => new DraftError('DRAFT_CLASS_UNKNOWN', message);

/**
 * Finds a class by one of its names, whatever its case, or by its number from 0.
 * @param labels A label a class, with commas between several names of it.
 * @throws DraftError `DRAFT_CLASS_UNKNOWN` where no class or more than one has this name; it suggests the nearest.
 */
export function findClass(target: string, labels: readonly string[]): number {
  const wanted = plain(target);
  const whole = labels.flatMap((label, index) => (plain(label) === wanted ? [index] : []));
  const matches = whole.length
    ? whole
    : labels.flatMap((label, index) => (namesOf(label).includes(wanted) ? [index] : []));
  if (matches.length === 1) return matches[0]!;
  if (matches.length > 1) {
    const meant = matches.map((index) => `${index} (${labels[index]})`).join(' or ');
    throw unknown(
      `The classifier has several classes called "${target}"; write the number of one: ${meant}.`,
    );
  }
  if (/^\d+$/.test(wanted) && Number(wanted) < labels.length) return Number(wanted);
  const nearest = nearestName(target, labels.flatMap(namesOf));
  throw unknown(
    nearest === undefined
      ? `The classifier has no class "${target}"; among its ${labels.length} classes are ${some(labels)}.`
      : `The classifier has no class "${target}"; did you mean "${nearest}"?`,
  );
}
