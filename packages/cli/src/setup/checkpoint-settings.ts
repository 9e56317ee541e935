import { readFileSync } from 'node:fs';
import { DraftError, type FoundPlugin } from '@draft/core/plugins';
import { z } from 'zod';
import { importModule } from '../import-module.js';

const settingsSchema = z.object({
  /** Named sets of prompts, which `--prompts` and `--held-out` know by their names. */
  prompts: z.record(z.string(), z.array(z.string().min(1)).min(1)).default({}),
  /** Options that suit the checkpoint better than the general defaults, for `draft train`. */
  train: z.record(z.string(), z.unknown()).default({}),
  /** The same for `draft generate`. */
  generate: z.record(z.string(), z.unknown()).default({}),
});

/** What comes with a checkpoint besides its weights. */
export type CheckpointSettings = z.output<typeof settingsSchema>;

const none: CheckpointSettings = { prompts: {}, train: {}, generate: {} };

/**
 * Reads the settings that a checkpoint's package recommends: a JSON file, or a module's default export, with
 * `prompts`, `train` and `generate`.
 */
export const readCheckpointSettings = async (found: FoundPlugin | undefined): Promise<CheckpointSettings> => {
  const path = found?.settings;
  if (found === undefined || path === undefined) return none;
  const owner = `The settings of the checkpoint "${found.id}" of ${found.package.name}`;
  let content: unknown;
  try {
    content = path.endsWith('.json')
      ? JSON.parse(readFileSync(path, 'utf8'))
      : ((await importModule(path)) as { readonly default?: unknown }).default;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new DraftError('DRAFT_CHECKPOINT_SETTINGS', `${owner} cannot be read: ${reason}`, { cause });
  }
  const result = settingsSchema.safeParse(content);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new DraftError(
    'DRAFT_CHECKPOINT_SETTINGS',
    `${owner} cannot be used: ${issue?.path.map(String).join('.')}: ${issue?.message}.`,
  );
};
