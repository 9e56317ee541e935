import { DraftError } from '@draft/core/plugins';
import { parseAssignments } from '../config/assignments.js';

/** An algorithm as it stands in `--algorithms`. */
export interface ContenderRequest {
  /** As a user would type it: `draft:k=1`. */
  readonly text: string;
  /** Name, package or path. */
  readonly name: string;
  /** Its own options, and settings of its runs. */
  readonly values: Readonly<Record<string, unknown>>;
}

const parseOne = (text: string): ContenderRequest => {
  // A path or a `file:` address may hold colons too; what follows an option's colon has an equals sign.
  const [head = '', ...assignments] = text.split(/:(?=[^:=/\\]+=)/);
  const name = head.trim();
  if (name === '') {
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `--algorithms takes NAME or NAME:KEY=VALUE, with commas between them (given: ${JSON.stringify(text)}).`,
    );
  }
  const values = parseAssignments(
    assignments.map((item) => item.trim()),
    '--algorithms',
    false,
  );
  return { text: [name, ...assignments.map((item) => item.trim())].join(':'), name, values };
};

/**
 * Reads `draft:k=1,draft:k=10,refl`.
 * @throws DraftError `DRAFT_OPTION_INVALID` where an entry is empty, or comes twice.
 */
export const parseContenders = (given: string | readonly string[]): readonly ContenderRequest[] => {
  const requests = [given]
    .flat()
    .flatMap((text) => text.split(','))
    .map(parseOne);
  const twice = requests.find(({ text }, i) => requests.findIndex((other) => other.text === text) !== i);
  if (twice === undefined) return requests;
  throw new DraftError('DRAFT_OPTION_INVALID', `--algorithms names ${twice.text} twice: name it once.`);
};
