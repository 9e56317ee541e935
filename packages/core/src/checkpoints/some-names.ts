/** Names that a sentence has room for. */
const most = 4;

/** Whether a sentence leaves some names out; then `DraftError.details` has them all. */
export const isCut = (names: readonly string[]): boolean => names.length > most;

/** The first few of many names, for a sentence. */
export const someNames = (names: readonly string[]): string =>
  names.slice(0, most).join(', ') + (isCut(names) ? ` and ${names.length - most} more` : '');

/** Where a sentence that leaves names out says how to see them. */
export const allNamesHint = 'with DRAFT_DEBUG=1, draft lists them all';
