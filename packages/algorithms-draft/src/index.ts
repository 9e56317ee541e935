export { createDraft } from './create-draft.js';
export { draft, draft as default } from './draft.js';
export { type DraftOptions, draftOptions } from './draft-options.js';
