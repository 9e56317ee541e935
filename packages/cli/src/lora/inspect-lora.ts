import {
  type LoraFile,
  type LoraFormat,
  type LoraModule,
  loraFamilies,
  loraFormatNames,
  readLoraFile,
} from '@draft/core';

const readers: Readonly<Record<LoraFormat, string>> = {
  peft: 'draft, diffusers (for ComfyUI and A1111: draft lora convert)',
  kohya: 'draft, diffusers, ComfyUI, A1111, kohya’s scripts',
  'diffusers-0.21': 'draft, diffusers, ComfyUI',
  'diffusers-scripts': 'draft, diffusers (for ComfyUI and A1111: draft lora convert)',
};

const components = {
  unet: 'UNet',
  text_encoder: 'text encoder',
  text_encoder_2: 'second text encoder',
} as const;

/** What kind of layer it is, as a user thinks of it. */
const kindOf = ({ layer, kernel }: LoraModule): string => {
  if (/\.attn1\./.test(layer) || /self_attn/.test(layer)) return 'self-attention';
  if (/\.attn2\./.test(layer)) return 'cross-attention';
  if (/\.ff\.net\.|\.mlp\./.test(layer)) return 'feed-forward';
  if (/\.proj_(in|out)$/.test(layer)) return 'projections of transformers';
  return kernel ? 'convolutions' : 'others';
};

const count = (values: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};

/** `8`, or from the least to the most where layers differ. */
const range = (values: readonly number[]): string => {
  const [least, most] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  const text = (value: number) => String(Number(value.toPrecision(6)));
  return least === most ? text(least) : `${text(least)} to ${text(most)}`;
};

const layerLines = (modules: readonly LoraModule[]): readonly string[] =>
  (['unet', 'text_encoder', 'text_encoder_2'] as const).flatMap((component) => {
    const part = modules.filter((module) => module.component === component);
    if (part.length === 0) return [];
    const kinds = [...count(part.map(kindOf))].map(([kind, number]) => `${number} ${kind}`);
    return [`${part.length} of the ${components[component]} (${kinds.join(', ')})`];
  });

const parameters = (modules: readonly LoraModule[]): number =>
  modules.reduce((sum, { down, up }) => sum + down.length + up.length, 0);

const asText = ({ path, format, family, modules, metadata }: LoraFile): string => {
  const row = (label: string, texts: readonly string[]) =>
    texts.map((text, index) => `  ${(index === 0 ? label : '').padEnd(14)}${text}`);
  const dtypes = [...count(modules.map(({ dtype }) => String(dtype))).keys()];
  const entries = Object.entries(metadata).map(([name, value]) => {
    const line = value.replaceAll(/\s+/g, ' ');
    return `${name}: ${line.length > 80 ? `${line.slice(0, 79)}…` : line}`;
  });
  return [
    path,
    ...row('format', [loraFormatNames[format]]),
    ...row('architecture', [family ? loraFamilies[family].name : 'not told by the file']),
    ...row('layers', layerLines(modules)),
    ...row('rank', [range(modules.map(({ rank }) => rank))]),
    ...row('alpha', [
      `${range(modules.map(({ rank, scale }) => rank * scale))} (scale ${range(modules.map(({ scale }) => scale))})`,
    ]),
    ...row('numbers', [`${parameters(modules).toLocaleString('en-US')}, ${dtypes.join(', ')}`]),
    ...row('read by', [readers[format]]),
    ...row('metadata', entries),
    '',
  ].join('\n');
};

const asJson = ({ path, format, family, modules, metadata }: LoraFile): string =>
  `${JSON.stringify(
    {
      path,
      format,
      architecture: family ?? null,
      parameters: parameters(modules),
      layers: modules.map((module) => ({
        component: module.component,
        layer: module.layer,
        rank: module.rank,
        alpha: module.rank * module.scale,
        inFeatures: module.inFeatures,
        outFeatures: module.outFeatures,
        kernel: module.kernel,
        dtype: module.dtype,
      })),
      metadata,
    },
    null,
    2,
  )}\n`;

/** Runs `draft lora inspect`; returns what is to be printed. */
export const inspectLora = (path: string, json: boolean): string => {
  const file = readLoraFile(path);
  return json ? asJson(file) : asText(file);
};
