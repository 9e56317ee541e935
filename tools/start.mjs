// npm start: the main job on the embedded model, for someone who sees the project for the first time.
import { runFromSource } from './draft.mjs';

const extra = process.argv.slice(2);
const asked = (flag) => extra.some((argument) => argument === flag || argument.startsWith(`${flag}=`));
const choose = (flag, value) => (asked(flag) ? [] : [flag, value]);

console.log(`This fine-tunes a small text-to-image diffusion model, which comes with the repository, so that
its pictures of animals become mirror-symmetric: DRTune on the symmetry reward, with a LoRA.
It takes a few minutes on two processor cores. The first time, TensorFlow is set up before.
At the end, open before-after.png or report.html in the run folder.

More options can follow two hyphens, for example: npm start -- --algorithm draft --set k=1
`);

process.exitCode = await runFromSource([
  'train',
  ...(asked('--resume') || asked('--config')
    ? []
    : [
        ...choose('--model', 'miniature'),
        ...choose('--reward', 'symmetry'),
        ...choose('--algorithm', 'drtune'),
      ]),
  ...extra,
]);
