import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { DraftError, type FoundPlugin, isPathRequest, type PluginOfKind } from '@draft/core/plugins';
import type { HubAccess } from './hub-access.js';
import type { PluginAccess } from './plugin-access.js';

/** Where a model's weights lie, before anything is loaded. */
export interface ModelPlace {
  /** The folder, or the single file. */
  readonly path: string;
  /** How it is called in what is shown. */
  readonly name: string;
  /** The installed checkpoint that it is, where it was asked for by name. */
  readonly checkpoint?: FoundPlugin;
}

/** Brings a model from the Hub. The tensor engine comes with what downloads, so it is imported here. */
const downloadModel = async (request: string, hub: HubAccess): Promise<ModelPlace> => {
  const { fetchPipeline } = await import('@draft/core');
  try {
    return { path: await fetchPipeline(request, hub.options), name: request };
  } catch (cause) {
    hub.finish();
    throw cause;
  }
};

/**
 * Finds what `--model` means: a folder or a file, the name of an installed checkpoint, or
 * `hf:org/name[@revision][/folder or file]`, which is downloaded.
 * @throws DraftError `DRAFT_MODEL_NOT_FOUND`, one of the resolution of plugins, or one of the Hub.
 */
export const locateModel = async (
  request: string,
  plugins: PluginAccess,
  cwd: string,
  hub: HubAccess,
): Promise<ModelPlace> => {
  if (request.startsWith('hf:')) return downloadModel(request, hub);
  const path = resolve(cwd, request);
  const looksLikePath = isPathRequest(request) || (/[\\/]/.test(request) && !request.startsWith('@'));
  const named = plugins.catalogue.plugins.some(({ kind, id }) => kind === 'checkpoint' && id === request);
  // A name beats a folder that happens to be called the same; `./name` is the folder.
  if (!named && existsSync(path)) {
    return { path, name: basename(path) };
  }
  if (looksLikePath) {
    throw new DraftError(
      'DRAFT_MODEL_NOT_FOUND',
      `There is no model ${/\.\w+$/.test(request) ? 'file' : 'folder'} ${request}; a model of the Hugging Face Hub is written hf:org/name.`,
    );
  }
  const checkpoint = plugins.resolve('checkpoint', request);
  return { path: checkpoint.path, name: checkpoint.id, checkpoint };
};

/**
 * Finds the installed architecture that can load a folder or a file: the first that recognises it.
 * @param options Of the model, which it is loaded with.
 * @throws DraftError where there is none: what a plugin says of it that knows what it is, or `DRAFT_MODEL_UNKNOWN`.
 */
export const chooseArchitecture = async (
  path: string,
  plugins: PluginAccess,
  options: Readonly<Record<string, unknown>> = {},
): Promise<PluginOfKind<'model'>> => {
  const installed = plugins.catalogue.plugins.filter(({ kind }) => kind === 'model');
  if (installed.length === 0) {
    throw new DraftError(
      'DRAFT_PLUGIN_NOT_INSTALLED',
      'No model package is installed: npm i @draft/model-stable-diffusion',
    );
  }
  const asked: PluginOfKind<'model'>[] = [];
  for (const { id, package: from } of installed) {
    const plugin = await plugins.load('model', `${from.name}#${id}`);
    if (!(await plugin.recognises(path))) {
      asked.push(plugin);
      continue;
    }
    if (Object.keys(options).length === 0) return plugin;
    const { options: checked } = await plugins.configure('model', `${from.name}#${id}`, options);
    return {
      ...plugin,
      load: (place, context, progress) => plugin.load(place, context, progress, checked as never),
    };
  }
  for (const plugin of asked) {
    const reason = await plugin.explains?.(path);
    if (reason) throw reason;
  }
  throw new DraftError(
    'DRAFT_MODEL_UNKNOWN',
    `${path} is no model that an installed package can load (${installed.map(({ id }) => id).join(', ')}): expected a folder in diffusers layout, with model_index.json, unet, vae and text_encoder, or a single file, .safetensors or .ckpt.`,
  );
};
