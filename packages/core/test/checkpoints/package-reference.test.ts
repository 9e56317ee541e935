import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPlace } from '@draft/core';
import { afterAll, describe, expect, it } from 'vitest';
import { isPackageReference, packagePath } from '../../src/checkpoints/package-reference.js';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'draft-package-')));
const judge = join(root, 'node_modules', '@acme', 'judges', 'clip');
const inner = join(root, 'a', 'b');
mkdirSync(judge, { recursive: true });
mkdirSync(inner, { recursive: true });
writeFileSync(join(judge, 'config.json'), '{}');
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a checkpoint of an installed package', () => {
  it('is found as Node finds packages, from folders further down too', () => {
    expect(isPackageReference('npm:@acme/judges/clip')).toBe(true);
    expect(isPackageReference('./npm')).toBe(false);
    expect(packagePath('npm:@acme/judges/clip', [root])).toBe(judge);
    expect(packagePath('npm:@acme/judges/clip/config.json', [tmpdir(), inner])).toBe(
      join(judge, 'config.json'),
    );
    expect(packagePath('npm:@acme/judges', [inner])).toBe(join(judge, '..'));
  });

  it('is refused in one sentence where it is not there or no name', () => {
    expect(() => packagePath('npm:@acme/other/clip', [root])).toThrow(
      /@acme\/other is not installed.*npm i @acme\/other/,
    );
    expect(() => packagePath('npm:@acme/judges/none', [root])).toThrow(/holds no none/);
    for (const text of ['npm:', 'npm:@acme', 'npm:@acme/judges/../../x', 'npm:../x', 'npm:@acme/judges//x']) {
      expect(() => packagePath(text, [root]), text).toThrow(/names no checkpoint/);
    }
  });

  it('opens the place of a package of this repository', async () => {
    const place = openPlace('npm:@draft/miniature/model/vae');
    expect(place.name).toBe('npm:@draft/miniature/model/vae');
    expect(place.single).toBeNull();
    expect(await place.file('config.json')).toMatch(/vae.config\.json$/);
    expect(openPlace('npm:@draft/miniature/settings.json').single).toBe('settings.json');
  });
});
