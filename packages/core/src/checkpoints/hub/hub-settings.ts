import { homedir } from 'node:os';
import { join } from 'node:path';
import type { HubOptions, HubProgress } from '../../contracts/hub-options.js';
import type { PluginContext } from '../../contracts/plugin.js';
import { parseHubToken } from './hub-token.js';

/** What the environment says about the Hub. */
export interface HubSettings {
  readonly endpoint: string;
  /**
   * What is sent to the endpoint and printed nowhere.
   * @throws DraftError `DRAFT_TOKEN_INVALID`; whoever sends nothing need not ask.
   */
  token(): string | undefined;
  /** `HF_TOKEN` as it is set, for taking it out of messages. */
  readonly secret: string | undefined;
  readonly offline: boolean;
  /** The cache that Hugging Face's own programs share. */
  readonly cache: string;
}

/** Reads the variables that Hugging Face's own programs read. */
export function hubSettings({ environment = process.env }: HubOptions): HubSettings {
  const { HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE, HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = environment;
  const home = HF_HOME || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface');
  return {
    endpoint: (HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, ''),
    token: () => parseHubToken(HF_TOKEN),
    secret: HF_TOKEN?.trim() || undefined,
    offline: /^(1|true|yes|on)$/i.test(HF_HUB_OFFLINE ?? ''),
    cache: HF_HUB_CACHE || join(home, 'hub'),
  };
}

/** Tells a user of downloads in lines: at their start, and then each tenth. */
export function logHubProgress(log: (line: string) => void): (progress: HubProgress) => void {
  const told = new Map<string, number>();
  return ({ name, received, total }) => {
    const tenth = total === 0 ? 10 : Math.floor((10 * received) / total);
    if ((told.get(name) ?? -1) >= tenth) return;
    told.set(name, tenth);
    log(`Downloading ${name}: ${tenth * 10} % of ${(total / 1e6).toFixed(1)} MB`);
  };
}

/** How a plugin talks to the Hub: as whoever makes it says, and downloads are logged where that says nothing of them. */
export const hubOptionsOf = ({ log, hub }: Pick<PluginContext, 'log' | 'hub'>): HubOptions => ({
  onProgress: logHubProgress(log),
  ...hub,
});
