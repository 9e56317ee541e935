import { DraftError, nearestName } from '@draft/core/plugins';

/** The kinds of which `draft new` writes a package. */
export const newKinds = ['reward', 'algorithm', 'sampler'] as const;

/** A kind of which `draft new` writes a package. */
export type NewKind = (typeof newKinds)[number];

/** How a new plugin is called in each place. */
export interface PluginNames {
  readonly kind: NewKind;
  /** What users type: `soft-glow`. */
  readonly id: string;
  /** In code: `softGlow`. */
  readonly variable: string;
  /** In types: `SoftGlow`. */
  readonly type: string;
  /** On npm: `draft-reward-soft-glow`, `@acme/draft-reward-soft-glow`. */
  readonly package: string;
}

/** What a plugin cannot be called in code: the words of the language, and what the templates import. */
const taken = new Set(
  `arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally
  for function if implements import in instanceof interface let new null package private protected public return static super
  switch this throw true try typeof var void while with yield
  assert createRandomSource describe describeAlgorithm describeReward describeSampler it tf`.split(/\s+/),
);

/** @throws DraftError `DRAFT_NAME_INVALID`, `DRAFT_KIND_UNKNOWN`. */
export const pluginNames = (kindText: string, id: string, scope: string | undefined): PluginNames => {
  const kind = newKinds.find((known) => known === kindText || `${known}s` === kindText);
  if (kind === undefined) {
    const nearest = nearestName(kindText, newKinds);
    const hint = nearest === undefined ? `choose ${newKinds.join(', ')}.` : `did you mean "${nearest}"?`;
    throw new DraftError('DRAFT_KIND_UNKNOWN', `There is no template for a "${kindText}": ${hint}`);
  }
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) {
    throw new DraftError(
      'DRAFT_NAME_INVALID',
      `"${id}" cannot be the name of a plugin: use lower-case letters, digits and single "-", beginning with a letter.`,
    );
  }
  if (scope !== undefined && !/^@[a-z0-9][a-z0-9._-]*$/.test(scope)) {
    throw new DraftError('DRAFT_NAME_INVALID', `"${scope}" is no npm scope: write it like @acme.`);
  }
  const type = id.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const plain = type.charAt(0).toLowerCase() + type.slice(1);
  const variable = taken.has(plain) ? `${plain}Plugin` : plain;
  const base = `draft-${kind}-${id}`;
  return { kind, id, variable, type, package: scope === undefined ? base : `${scope}/${base}` };
};
