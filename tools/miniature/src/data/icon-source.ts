import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type IconSet, iconSet } from './icon-set.js';

/** The drawing of one icon, ready for the rasteriser. */
export interface IconSource {
  /** Reads the bytes of an SVG or WebP picture. */
  read(icon: string): Buffer;
  /** Whether the set has this icon, by its name or its code points. */
  has(icon: string): boolean;
  /** All icons of the set, sorted. */
  readonly icons: readonly string[];
}

interface IconifyIcon {
  readonly body: string;
  readonly left?: number;
  readonly top?: number;
  readonly width?: number;
  readonly height?: number;
}
interface IconifyJson {
  readonly icons: Readonly<Record<string, IconifyIcon>>;
  readonly width?: number;
  readonly height?: number;
}

const require = createRequire(import.meta.url);

/** The longer side of a drawing when it is rasterised, in pixels. */
export const rasterSize = 192;

function openIconify(set: IconSet): IconSource {
  const json = JSON.parse(
    readFileSync(require.resolve(`${set.packageName}/icons.json`), 'utf8'),
  ) as IconifyJson;
  return {
    icons: Object.keys(json.icons).sort(),
    has: (icon) => Object.hasOwn(json.icons, icon),
    read(icon) {
      const drawing = json.icons[icon];
      if (!drawing) throw new Error(`${set.packageName} has no icon "${icon}".`);
      const width = drawing.width ?? json.width ?? 16;
      const height = drawing.height ?? json.height ?? 16;
      const scale = rasterSize / Math.max(width, height);
      return Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ` +
          `width="${width * scale}" height="${height * scale}" ` +
          `viewBox="${drawing.left ?? 0} ${drawing.top ?? 0} ${width} ${height}">${drawing.body}</svg>`,
      );
    },
  };
}

function openWebp(set: IconSet): IconSource {
  const folder = join(dirname(require.resolve(`${set.packageName}/package.json`)), 'assets');
  // Some files keep the variation selector in their name, some do not.
  const file = (icon: string): string | undefined =>
    [icon, `${icon}-fe0f`].map((name) => join(folder, `${name}.webp`)).find((path) => existsSync(path));
  return {
    icons: readdirSync(folder)
      .filter((name) => name.endsWith('.webp'))
      .map((name) => name.slice(0, -'.webp'.length))
      .sort(),
    has: (icon) => file(icon) !== undefined,
    read(icon) {
      const path = file(icon);
      if (!path) throw new Error(`${set.packageName} has no icon "${icon}".`);
      return readFileSync(path);
    },
  };
}

const opened = new Map<string, IconSource>();

/** Opens a set's package, once per process. */
export function openIconSource(setId: string): IconSource {
  let source = opened.get(setId);
  if (!source) {
    const set = iconSet(setId);
    source = set.format === 'webp' ? openWebp(set) : openIconify(set);
    opened.set(setId, source);
  }
  return source;
}
