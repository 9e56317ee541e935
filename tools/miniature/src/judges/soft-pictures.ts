import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Runtime, type Tensor, type Tensor4D, tf } from '@draft/core';
import { loadStableDiffusion } from '@draft/model-stable-diffusion';
import { createAtomicFile } from '../data/atomic-file.js';
import { plainCaption, richCaption } from '../data/caption.js';
import { createRandomSource, mixSeed, type RandomSource } from '../data/random-source.js';
import { captionFactsOf } from './caption-facts.js';
import type { JudgeFacts } from './judge-scene.js';
import { type JudgeScenes, openRawPictures, pictureBytes, side } from './judge-scenes.js';

const batchSize = 32;

/** How many of the first scenes also exist as the miniature gives them back. */
export const softScenes = 6144;

/** The noise that the autoencoder's latents get at most, in units of their spread. */
const mostNoise = 0.3;

/** From which share of the noise schedule on a scene is drawn again: later it is another picture than its facts say. */
const [earliest, latest] = [0.25, 0.55];
const redrawSteps = 6;

/** What the miniature is told of a scene that it draws again; undefined of one that it would not draw like that. */
const promptOf = (facts: JudgeFacts, random: RandomSource): string | undefined => {
  const animals = facts.objects.filter(({ label }) => label !== 'book');
  const least = facts.objects.length === 1 ? 0.7 : 0.45;
  const sides = animals.map(({ box: [left, top, right, bottom] }) => Math.max(right - left, bottom - top));
  const told = captionFactsOf(facts, random);
  if (!told || animals.length > 1 || facts.objects.length > 2 || sides[0]! < least * side) return undefined;
  return random.chance(0.7) ? richCaption(told, random) : plainCaption(told, random);
};

/** Opens the miniature as a way to soften scenes. */
const openSoftener = async (runtime: Runtime, folder: string) => {
  const model = await loadStableDiffusion(folder, { runtime });
  const { alphasCumprod } = model.schedule;
  const encode = runtime.compile('encode', ({ images }: { images: Tensor4D }) => ({
    latents: model.encodeImages(images),
  }));
  const decode = runtime.compile('decode', ({ latents }: { latents: Tensor4D }) => ({
    images: tf.clipByValue(model.decode(latents), 0, 1),
  }));
  const denoise = runtime.compile('denoise', (inputs: Record<string, Tensor>) => {
    const { latents, context, empty, timestep, guidance, from, to } = inputs as Record<string, Tensor>;
    const noiseOf = (states: Tensor): Tensor =>
      model.predict(latents as Tensor4D, timestep!, { context: states as never });
    const plain = noiseOf(empty!);
    const noise = tf.add(plain, tf.mul(guidance!, tf.sub(noiseOf(context!), plain)));
    const root = (x: Tensor): Tensor => tf.sqrt(x);
    const clean = tf.div(tf.sub(latents!, tf.mul(root(tf.sub(1, from!)), noise)), root(from!));
    return { latents: tf.add(tf.mul(root(to!), clean), tf.mul(root(tf.sub(1, to!)), noise)) };
  });

  /** Noises latents and takes the noise away again by DDIM's steps. */
  const redraw = async (latents: Tensor, noise: Tensor, prompts: readonly string[], start: number) => {
    const { context } = await model.encode(prompts);
    const { context: empty } = await model.encode(prompts.map(() => ''));
    const last = Math.round(start * alphasCumprod.length);
    const at = (step: number): number => Math.max(1, Math.round((last * (redrawSteps - step)) / redrawSteps));
    const alpha = (timestep: number): number => alphasCumprod[timestep - 1]!;
    let current = tf.tidy(() => {
      const kept = alpha(at(0));
      return tf.add(tf.mul(latents, Math.sqrt(kept)), tf.mul(noise, Math.sqrt(1 - kept)));
    });
    for (let step = 0; step < redrawSteps; step++) {
      const numbers = {
        timestep: tf.scalar(at(step) - 1),
        guidance: tf.scalar(2),
        from: tf.scalar(alpha(at(step))),
        to: tf.scalar(step + 1 === redrawSteps ? 1 : alpha(at(step + 1))),
      };
      const { latents: next } = await denoise({ latents: current, context, empty, ...numbers });
      tf.dispose([current, numbers]);
      current = next;
    }
    tf.dispose([context, empty]);
    return current;
  };

  return {
    /** Pictures as soft as the miniature's own: half of the batches through its autoencoder alone, the others drawn again. */
    async soften(pictures: Float32Array, facts: readonly JudgeFacts[], random: RandomSource) {
      const images = tf.tensor4d(pictures, [batchSize, side, side, 3]);
      const { latents } = await encode({ images });
      const noise = tf.tensor4d(
        Float32Array.from({ length: latents.size }, () => random.bell()),
        latents.shape,
      );
      const strength = Array.from({ length: batchSize }, () => random.between(0, mostNoise));
      let softened: Tensor = tf.tidy(() =>
        tf.add(latents, tf.mul(noise, tf.tensor4d(strength, [batchSize, 1, 1, 1]))),
      );
      if (random.chance(0.5)) {
        const prompts = facts.map((fact) => promptOf(fact, random));
        const start = random.between(earliest, latest);
        const texts = prompts.map((prompt) => prompt ?? '');
        const redrawn = await redraw(latents, noise, texts, start);
        const known = tf.tensor4d(
          prompts.map((prompt) => (prompt === undefined ? 0 : 1)),
          [batchSize, 1, 1, 1],
        );
        const mixed = tf.tidy(() => tf.add(softened, tf.mul(known, tf.sub(redrawn, softened))));
        tf.dispose([redrawn, known, softened]);
        softened = mixed;
      }
      const { images: soft } = await decode({ latents: softened as Tensor4D });
      const bytes = Uint8Array.from(soft.dataSync() as Float32Array, (value) => Math.round(value * 255));
      tf.dispose([images, latents, noise, softened, soft]);
      return bytes;
    },
    dispose() {
      for (const compiled of [encode, decode, denoise]) compiled.dispose();
      model.dispose();
    },
  };
};

/**
 * The first scenes as the miniature gives them back, made once and kept in the state's folder.
 * @returns Reads one by its scene's number.
 */
export const openSoftPictures = async (
  runtime: Runtime,
  scenes: JudgeScenes,
  model: string,
  folder: string,
): Promise<(scene: number) => Uint8Array> => {
  const path = join(folder, 'soft.u8');
  if (!existsSync(path)) {
    const softener = await openSoftener(runtime, model);
    const file = createAtomicFile(path);
    for (let from = 0; from < softScenes; from += batchSize) {
      const values = new Float32Array(batchSize * pictureBytes);
      for (let i = 0; i < batchSize; i++) {
        values.set(
          Float32Array.from(scenes.read(from + i), (byte) => byte / 255),
          i * pictureBytes,
        );
      }
      const facts = scenes.facts.slice(from, from + batchSize);
      file.append(await softener.soften(values, facts, createRandomSource(mixSeed(71, from))));
      if (from % 512 === 0) console.log(`soft pictures ${from}/${softScenes}`);
    }
    file.commit();
    softener.dispose();
  }
  return openRawPictures(path);
};
