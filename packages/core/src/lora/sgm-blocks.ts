/**
 * Names of a UNet's layers in the original code of Stable Diffusion (`input_blocks.4.1.…`), which kohya's scripts
 * use for SDXL, against diffusers' (`down_blocks.1.attentions.0.…`). Both number the blocks of a UNet with two
 * resnets a level; transformer blocks have the same names inside.
 */

/** Layers whose names are the whole of it. */
const singles: readonly (readonly [sgm: string, diffusers: string])[] = [
  ['input_blocks.0.0', 'conv_in'],
  ['out.2', 'conv_out'],
  ['time_embed.0', 'time_embedding.linear_1'],
  ['time_embed.2', 'time_embedding.linear_2'],
  ['label_emb.0.0', 'add_embedding.linear_1'],
  ['label_emb.0.2', 'add_embedding.linear_2'],
];

const resnetParts: readonly (readonly [sgm: string, diffusers: string])[] = [
  ['in_layers.2', 'conv1'],
  ['out_layers.3', 'conv2'],
  ['emb_layers.1', 'time_emb_proj'],
  ['skip_connection', 'conv_shortcut'],
];

const fromSgm = new Map(singles);
const toSgm = new Map(singles.map(([sgm, diffusers]) => [diffusers, sgm]));
const resnetFromSgm = new Map(resnetParts);
const resnetToSgm = new Map(resnetParts.map(([sgm, diffusers]) => [diffusers, sgm]));

const resnet = (block: string, part: string): string | null => {
  const name = resnetFromSgm.get(part);
  return name === undefined ? null : `${block}.${name}`;
};

const fromMiddle = (part: number, rest: string): string | null =>
  part === 1
    ? `mid_block.attentions.0.${rest}`
    : part === 0 || part === 2
      ? resnet(`mid_block.resnets.${part / 2}`, rest)
      : null;

/** The name in diffusers of a layer that the original code calls `name`; null where it has no such layer. */
export const sgmToDiffusers = (name: string): string | null => {
  const single = fromSgm.get(name);
  if (single !== undefined) return single;
  const middle = /^middle_block\.(\d+)\.(.+)$/.exec(name);
  if (middle) return fromMiddle(Number(middle[1]), middle[2] ?? '');
  const [, side, index = '', part = '', rest = ''] =
    /^(input|output)_blocks\.(\d+)\.(\d+)\.(.+)$/.exec(name) ?? [];
  if (side === undefined) return null;
  const place = Number(index) - (side === 'input' ? 1 : 0);
  if (place < 0) return null;
  const [level, within] = [Math.floor(place / 3), place % 3];
  const block = `${side === 'input' ? 'down' : 'up'}_blocks.${level}`;
  if (side === 'input' && within === 2) {
    return part === '0' && rest === 'op' ? `${block}.downsamplers.0.conv` : null;
  }
  if (side === 'output' && rest === 'conv') return within === 2 ? `${block}.upsamplers.0.conv` : null;
  if (part === '0') return resnet(`${block}.resnets.${within}`, rest);
  return part === '1' ? `${block}.attentions.${within}.${rest}` : null;
};

/** The name in the original code of SDXL for a layer of diffusers' UNet; null for a layer that it lacks. */
export const diffusersToSgm = (name: string): string | null => {
  const single = toSgm.get(name);
  if (single !== undefined) return single;
  const sampler = /^(?:down_blocks\.(\d+)\.downsamplers|up_blocks\.(\d+)\.upsamplers)\.0\.conv$/.exec(name);
  if (sampler) {
    return sampler[1] === undefined
      ? `output_blocks.${3 * Number(sampler[2]) + 2}.2.conv`
      : `input_blocks.${3 * Number(sampler[1]) + 3}.0.op`;
  }
  const [, side, level, kind, index = '', rest = ''] =
    /^(?:(down|up)_blocks\.(\d+)|mid_block)\.(attentions|resnets)\.(\d+)\.(.+)$/.exec(name) ?? [];
  if (kind === undefined) return null;
  const inner = kind === 'resnets' ? resnetToSgm.get(rest) : rest;
  if (inner === undefined) return null;
  if (side === undefined) return `middle_block.${kind === 'resnets' ? 2 * Number(index) : 1}.${inner}`;
  const place = 3 * Number(level) + Number(index);
  const part = kind === 'resnets' ? 0 : 1;
  return side === 'down'
    ? `input_blocks.${place + 1}.${part}.${inner}`
    : `output_blocks.${place}.${part}.${inner}`;
};
