import { existsSync, mkdirSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { createAtomicFile } from '../data/atomic-file.js';
import type { SpriteLibrary } from '../data/sprite-library.js';
import { loadJudgeLibrary, loadUnseenLibrary } from './judge-library.js';
import { drawJudgeScene, type JudgeFacts } from './judge-scene.js';

/** The side of a picture in pixels, and the bytes of one. */
export const side = 64;
export const pictureBytes = side * side * 3;

const trainingScenes = 48_000;
/** How many more scenes are for testing: of the drawings of training, placed anew, and of a set that no judge is trained on. */
const heldOutScenes = 2000;
const unseenScenes = 2000;

/** The scenes that judges learn from and are tested on. */
export interface JudgeScenes {
  readonly facts: readonly JudgeFacts[];
  /** Scenes `0 … training − 1` are for training, the rest is held out. */
  readonly training: number;
  /** The bytes of a scene, `[64, 64, 3]`; valid until the next call. */
  read(scene: number): Uint8Array;
}

/** Opens a file of raw pictures; what it returns reads the one of a number, valid until the next call. */
export const openRawPictures = (path: string): ((number: number) => Uint8Array) => {
  const file = openSync(path, 'r');
  const buffer = new Uint8Array(pictureBytes);
  return (number) => {
    readSync(file, buffer, 0, pictureBytes, number * pictureBytes);
    return buffer;
  };
};

/** Opens a file of scenes, which is drawn where it is not there. */
const openOrDraw = async (
  folder: string,
  name: string,
  { seed, count, load }: { seed: number; count: number; load: () => Promise<SpriteLibrary> },
) => {
  const [pictures, list] = [join(folder, `${name}.u8`), join(folder, `${name}.jsonl`)];
  if (!existsSync(list)) {
    mkdirSync(folder, { recursive: true });
    const library = await load();
    const [file, lines] = [createAtomicFile(pictures), createAtomicFile(list)];
    for (let index = 0; index < count; index++) {
      const { pixels, facts } = drawJudgeScene(library, seed, index);
      file.append(pixels);
      lines.append(Buffer.from(`${JSON.stringify(facts)}\n`));
    }
    file.commit();
    lines.commit();
  }
  const facts = readFileSync(list, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as JudgeFacts);
  return { facts, read: openRawPictures(pictures) };
};

/** Opens the scenes for training, with those held out of it; draws them the first time, which takes minutes. */
export const openJudgeScenes = async (folder: string): Promise<JudgeScenes> => {
  const count = trainingScenes + heldOutScenes;
  const opened = await openOrDraw(folder, 'scenes', { seed: 21, count, load: loadJudgeLibrary });
  return { ...opened, training: trainingScenes };
};

/** Opens the scenes of the set that no judge is trained on; all of them are held out. */
export const openUnseenScenes = async (folder: string): Promise<JudgeScenes> => {
  const wanted = { seed: 22, count: unseenScenes, load: loadUnseenLibrary };
  return { ...(await openOrDraw(folder, 'unseen', wanted)), training: 0 };
};
