const parts = [
  [/^resnet\.embedder\.embedder\.convolution\./, 'conv1.'],
  [/^resnet\.embedder\.embedder\.normalization\./, 'bn1.'],
  [/^classifier\.1\./, 'fc.'],
] as const;

const block = /^resnet\.encoder\.stages\.(\d+)\.layers\.(\d+)\.(.+)$/;
const layer = /^layer\.(\d+)\.(convolution|normalization)\./;

const withinBlock = (name: string): string =>
  name
    .replace(
      layer,
      (_, index: string, kind: string) => `${kind === 'convolution' ? 'conv' : 'bn'}${Number(index) + 1}.`,
    )
    .replace(/^shortcut\.convolution\./, 'downsample.0.')
    .replace(/^shortcut\.normalization\./, 'downsample.1.');

/** Timm's name of a tensor of transformers' ResNetForImageClassification; any other name stays as it is. */
export function fromTransformers(name: string): string {
  const match = block.exec(name);
  if (match) return `layer${Number(match[1]) + 1}.${match[2]}.${withinBlock(match[3]!)}`;
  return parts.reduce((text, [from, to]) => text.replace(from, to), name);
}

/** The way back, for messages. */
export function toTransformers(name: string): string {
  const match = /^layer(\d+)\.(\d+)\.(.+)$/.exec(name);
  if (match) {
    const inner = match[3]!
      .replace(
        /^(conv|bn)(\d+)\./,
        (_, kind: string, index: string) =>
          `layer.${Number(index) - 1}.${kind === 'conv' ? 'convolution' : 'normalization'}.`,
      )
      .replace(/^downsample\.0\./, 'shortcut.convolution.')
      .replace(/^downsample\.1\./, 'shortcut.normalization.');
    return `resnet.encoder.stages.${Number(match[1]) - 1}.layers.${match[2]}.${inner}`;
  }
  return name
    .replace(/^conv1\./, 'resnet.embedder.embedder.convolution.')
    .replace(/^bn1\./, 'resnet.embedder.embedder.normalization.')
    .replace(/^fc\./, 'classifier.1.');
}
