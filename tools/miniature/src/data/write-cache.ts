import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createAtomicFile } from './atomic-file.js';
import { openAutoencoderScenes } from './autoencoder-scene.js';
import { imageSize } from './canvas.js';
import { drawScene } from './scene.js';
import { loadSpriteLibrary, type SpriteLibrary } from './sprite-library.js';

/** How much data to draw, and where to. */
export interface CacheOptions {
  readonly folder: string;
  readonly seed: number;
  /** Captioned scenes, for the diffusion model and the judges. */
  readonly scenes: number;
  /** Pictures without captions, for the autoencoder. */
  readonly autoencoderScenes: number;
  /** Called now and then with how far it is. */
  readonly onProgress?: (what: string, done: number, total: number) => void;
}

/** What `manifest.json` says of a finished cache. */
export interface CacheManifest {
  /** Raised when the same options draw other pictures than before. */
  readonly version: number;
  readonly seed: number;
  readonly imageSize: number;
  readonly scenes: number;
  readonly autoencoderScenes: number;
  readonly sha256?: Readonly<Record<string, string>>;
}

const version = 3;

/** The manifest of a finished cache, or undefined where there is none or it holds other data. */
function finishedManifest(path: string, wanted: CacheManifest): CacheManifest | undefined {
  if (!existsSync(path)) return undefined;
  const found = JSON.parse(readFileSync(path, 'utf8')) as CacheManifest;
  const { sha256: _, ...rest } = found;
  return JSON.stringify(rest) === JSON.stringify(wanted) ? found : undefined;
}

/**
 * Draws the data into a folder: `scenes.u8` [scenes, 64, 64, 3], `scenes.jsonl`, `vae.u8` [pictures, 64, 64, 3] and,
 * last, `manifest.json`. A folder that already holds it is left as it is.
 */
export async function writeCache(
  options: CacheOptions,
  loadLibrary: () => Promise<SpriteLibrary> = loadSpriteLibrary,
): Promise<CacheManifest> {
  const { folder, seed, scenes, autoencoderScenes, onProgress } = options;
  const manifestPath = join(folder, 'manifest.json');
  const wanted: CacheManifest = { version, seed, imageSize, scenes, autoencoderScenes };
  const finished = finishedManifest(manifestPath, wanted);
  if (finished) return finished;

  mkdirSync(folder, { recursive: true });
  // While the files change, no manifest may vouch for them.
  rmSync(manifestPath, { force: true });
  const library = await loadLibrary();
  const autoencoderScene = openAutoencoderScenes(library, seed);
  const files = {
    'scenes.u8': createAtomicFile(join(folder, 'scenes.u8')),
    'scenes.jsonl': createAtomicFile(join(folder, 'scenes.jsonl')),
    'vae.u8': createAtomicFile(join(folder, 'vae.u8')),
  };
  try {
    for (let index = 0; index < scenes; index++) {
      const scene = drawScene(library, seed, index);
      files['scenes.u8'].append(scene.pixels);
      files['scenes.jsonl'].append(Buffer.from(`${JSON.stringify(scene.facts)}\n`));
      if (index % 2000 === 0) onProgress?.('scenes', index, scenes);
    }
    for (let index = 0; index < autoencoderScenes; index++) {
      files['vae.u8'].append(await autoencoderScene(index));
      if (index % 2000 === 0) onProgress?.('autoencoder pictures', index, autoencoderScenes);
    }
  } catch (cause) {
    for (const file of Object.values(files)) file.abandon();
    throw cause;
  }
  const sha256 = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, file.commit()]));
  const manifest: CacheManifest = { ...wanted, sha256 };
  const file = createAtomicFile(manifestPath);
  file.append(Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  file.commit();
  return manifest;
}
