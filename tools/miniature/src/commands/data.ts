import { parseArgs } from 'node:util';
import { writeCache } from '../data/write-cache.js';
import { runCommand, wholeNumber } from './run-command.js';

// npm run data -- FOLDER [--scenes N] [--autoencoder-scenes N] [--seed N]
await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      scenes: { type: 'string', default: '48000' },
      'autoencoder-scenes': { type: 'string', default: '24000' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [folder] = positionals;
  if (!folder) throw new Error('Name the folder to draw the data into, as in: npm run data -- FOLDER');
  const start = performance.now();
  await writeCache({
    folder,
    seed: wholeNumber('seed', values.seed),
    scenes: wholeNumber('scenes', values.scenes, 1),
    autoencoderScenes: wholeNumber('autoencoder-scenes', values['autoencoder-scenes']),
    onProgress: (what, done, total) => console.log(`${what}: ${done} of ${total}`),
  });
  console.log(`${folder}: done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
});
