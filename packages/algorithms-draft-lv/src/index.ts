export { createDraftLv } from './create-draft-lv.js';
export { draftLv, draftLv as default } from './draft-lv.js';
export { type DraftLvOptions, draftLvOptions } from './draft-lv-options.js';
