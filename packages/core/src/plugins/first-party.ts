import type { PluginKind } from './plugin-kind.js';

/**
 * The plugins that this project publishes, so that a message can name the package to install. Only for these
 * is an install command ever printed: repeating a name that someone mistyped would help typosquatters.
 */
export const firstParty: readonly {
  readonly kind: PluginKind;
  readonly id: string;
  readonly package: string;
}[] = [
  { kind: 'model', id: 'stable-diffusion', package: '@draft/model-stable-diffusion' },
  { kind: 'checkpoint', id: 'miniature', package: '@draft/miniature' },
  { kind: 'sampler', id: 'ddim', package: '@draft/sampler-ddim' },
  { kind: 'sampler', id: 'ddpm', package: '@draft/sampler-ddpm' },
  { kind: 'sampler', id: 'dpmpp', package: '@draft/sampler-dpmpp' },
  { kind: 'sampler', id: 'euler', package: '@draft/sampler-euler' },
  { kind: 'sampler', id: 'lcm', package: '@draft/sampler-lcm' },
  { kind: 'algorithm', id: 'draft', package: '@draft/algorithm-draft' },
  { kind: 'algorithm', id: 'drtune', package: '@draft/algorithm-drtune' },
  { kind: 'algorithm', id: 'draft-lv', package: '@draft/algorithm-draft-lv' },
  { kind: 'algorithm', id: 'refl', package: '@draft/algorithm-refl' },
  { kind: 'algorithm', id: 'alignprop', package: '@draft/algorithm-alignprop' },
  { kind: 'algorithm', id: 'ddpo', package: '@draft/algorithm-ddpo' },
  { kind: 'algorithm', id: 'dpg', package: '@draft/algorithm-dpg' },
  { kind: 'reward', id: 'compressibility', package: '@draft/reward-jpeg' },
  { kind: 'reward', id: 'incompressibility', package: '@draft/reward-jpeg' },
  { kind: 'reward', id: 'jpeg-file-size', package: '@draft/reward-jpeg' },
  { kind: 'reward', id: 'symmetry', package: '@draft/reward-symmetry' },
  { kind: 'reward', id: 'rotation', package: '@draft/reward-rotation' },
  { kind: 'reward', id: 'diversity', package: '@draft/reward-diversity' },
  { kind: 'reward', id: 'clipscore', package: '@draft/reward-clipscore' },
  { kind: 'reward', id: 'pickscore', package: '@draft/reward-pickscore' },
  { kind: 'reward', id: 'hpsv2', package: '@draft/reward-hpsv2' },
  { kind: 'reward', id: 'aesthetic', package: '@draft/reward-aesthetic' },
  { kind: 'reward', id: 'adversarial', package: '@draft/reward-adversarial' },
  { kind: 'reward', id: 'owlvit', package: '@draft/reward-owlvit' },
  { kind: 'reward', id: 'coco-ssd', package: '@draft/reward-coco-ssd' },
  { kind: 'reward', id: 'coco-ssd-found', package: '@draft/reward-coco-ssd' },
];
