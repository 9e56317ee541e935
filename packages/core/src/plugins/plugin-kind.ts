/** What a package can bring. A checkpoint is a named folder of weights; the others are code. */
export type PluginKind = 'model' | 'sampler' | 'algorithm' | 'reward' | 'checkpoint';

/** Every kind, in the order in which they are listed. */
export const pluginKinds: readonly PluginKind[] = ['model', 'checkpoint', 'sampler', 'algorithm', 'reward'];

/** The key under `draft` in a package.json that lists the plugins of a kind: the kind's plural. */
export const manifestKey = (kind: PluginKind): string => `${kind}s`;

/** Reads a kind as a user types it, singular or plural; undefined if it is none. */
export const parsePluginKind = (text: string): PluginKind | undefined =>
  pluginKinds.find((kind) => kind === text || manifestKey(kind) === text);
