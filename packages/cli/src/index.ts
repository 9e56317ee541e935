export type { DraftConfig } from './config/define-config.js';
export { defineConfig } from './config/define-config.js';
