import { homedir } from 'node:os';
import { join } from 'node:path';
import type { HubOptions, HubProgress } from '../../contracts/hub-options.js';
import type { PluginContext } from '../../contracts/plugin.js';

/** What the environment says about the Hub. */
export interface HubSettings {
  readonly endpoint: string;
  /** Sent to the endpoint and printed nowhere. */
  readonly token: string | undefined;
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
    token: HF_TOKEN?.trim() || undefined,
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
