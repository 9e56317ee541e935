import { Command } from 'commander';
import type { LoraOutputFlags } from '../lora/lora-choices.js';

const print = (text: string): void => {
  process.stdout.write(text);
};

const quietProgress = async () =>
  (await import('../progress/progress.js')).createProgress(process.stdout, Date.now);

/** The flags of every command that writes a LoRA file. */
const withOutputFlags = (command: Command, format: string): Command =>
  command
    .option('--to <FORMAT>', `peft or kohya (default: ${format})`)
    .option('--dtype <TYPE>', "float32, float16 or bfloat16 (default: the input's)")
    .option('--architecture <NAME>', 'sd1, sd2 or sdxl, where the file does not tell')
    .option('--force', 'replace a file that is there already');

const inspect = (): Command =>
  new Command('inspect')
    .description('show what a LoRA file holds: format, architecture, layers, rank, alpha')
    .argument('<file>')
    .option('--json', 'print JSON, with every layer')
    .action(async (file: string, flags: { readonly json?: true }) => {
      const { inspectLora } = await import('../lora/inspect-lora.js');
      print(inspectLora(file, flags.json === true));
    });

const convert = (): Command =>
  withOutputFlags(
    new Command('convert')
      .description(
        "write a LoRA with other names: for diffusers (peft), or for ComfyUI, A1111 and kohya's scripts",
      )
      .argument('<file>')
      .argument('<output>'),
    'kohya, or peft where the file has kohya’s names',
  )
    .option('--unet-only', 'leave text encoders out')
    .action(async (file: string, output: string, flags: LoraOutputFlags & { readonly unetOnly?: true }) => {
      const { convertLora } = await import('../lora/make-lora.js');
      print(convertLora(file, output, flags));
    });

const mix = (): Command =>
  withOutputFlags(
    new Command('mix')
      .description('add LoRAs up into one file, each at its scale; their ranks add up, too')
      .argument('<file[:scale]...>')
      .requiredOption('--output <FILE>', 'the file to write')
      .option('--rank <N>', 'make the result as small as this rank, by its singular values'),
    'peft',
  ).action(
    async (
      files: readonly string[],
      flags: LoraOutputFlags & { readonly output: string; readonly rank?: string },
    ) => {
      const [{ mixLoraFiles }, { numberFlag }] = await Promise.all([
        import('../lora/make-lora.js'),
        import('../lora/lora-choices.js'),
      ]);
      const rank = flags.rank === undefined ? undefined : numberFlag('--rank', flags.rank);
      print(await mixLoraFiles(files, flags.output, rank, flags, await quietProgress()));
    },
  );

const resize = (): Command =>
  withOutputFlags(
    new Command('resize')
      .description('make a LoRA smaller: each update keeps its largest singular values')
      .argument('<file>')
      .argument('<output>')
      .requiredOption('--rank <N>', 'the largest rank of a layer')
      .option('--keep <SHARE>', "share of an update's squared norm that is enough, such as 0.99"),
    "the file's, or peft",
  ).action(
    async (
      file: string,
      output: string,
      flags: LoraOutputFlags & { readonly rank: string; readonly keep?: string },
    ) => {
      const [{ resizeLoraFile }, { numberFlag }] = await Promise.all([
        import('../lora/make-lora.js'),
        import('../lora/lora-choices.js'),
      ]);
      const keep = flags.keep === undefined ? undefined : numberFlag('--keep', flags.keep);
      const options = { rank: numberFlag('--rank', flags.rank), keep };
      print(await resizeLoraFile(file, output, options, flags, await quietProgress()));
    },
  );

const merge = (): Command =>
  new Command('merge')
    .description('write a copy of a checkpoint with LoRAs added to its weights')
    .argument('<file[:scale]...>')
    .requiredOption(
      '--into <NAME|FOLDER|FILE|hf:ORG/NAME>',
      'the checkpoint, in diffusers layout or a single file; it is not changed',
    )
    .requiredOption('--output <FOLDER|FILE>', 'the folder or the file to write')
    .action(async (files: readonly string[], flags: { readonly into: string; readonly output: string }) => {
      const { mergeCheckpoint } = await import('../lora/merge-checkpoint.js');
      print(await mergeCheckpoint(files, flags.into, flags.output, process.cwd(), await quietProgress()));
    });

/** `draft lora`: everything that is done with LoRA files beside making pictures. */
export const loraCommand = (): Command => {
  const command = new Command('draft lora').description(
    'Look into LoRA files, convert, mix, resize and merge them.',
  );
  for (const sub of [inspect, convert, mix, resize, merge]) command.addCommand(sub());
  return command;
};
