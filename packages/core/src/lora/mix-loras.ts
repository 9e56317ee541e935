import { DraftError } from '../errors/draft-error.js';
import { downWidth, type LoraModule, moduleKey } from './lora-module.js';

/** One LoRA of a mixture. */
export interface LoraShare {
  readonly modules: readonly LoraModule[];
  /** How much it counts; 1 is as it was trained, 0 is not at all, negative turns it round. */
  readonly strength: number;
}

/** `Σ scaleᵢ Bᵢ Aᵢ` as one pair of factors: `A` on top of each other, `B` side by side with the scales in it. */
const join = (list: readonly LoraModule[]): LoraModule => {
  const [first] = list as readonly [LoraModule, ...LoraModule[]];
  const rank = list.reduce((sum, module) => sum + module.rank, 0);
  const width = downWidth(first);
  const down = new Float32Array(rank * width);
  const up = new Float32Array(first.outFeatures * rank);
  let from = 0;
  for (const module of list) {
    down.set(module.down, from * width);
    for (let i = 0; i < first.outFeatures; i += 1) {
      for (let k = 0; k < module.rank; k += 1) {
        up[i * rank + from + k] = module.scale * module.up[i * module.rank + k]!;
      }
    }
    from += module.rank;
  }
  return { ...first, rank, down, up, scale: 1 };
};

/**
 * Several LoRAs as one, `Δ = Σ strengthᵢ Δᵢ`, exactly: the ranks of a layer's updates add up.
 * @throws DraftError `DRAFT_LORA_MISMATCH` where they are for layers of different shapes.
 */
export const mixLoras = (shares: readonly LoraShare[]): readonly LoraModule[] => {
  const layers = new Map<string, LoraModule[]>();
  for (const { modules, strength } of shares) {
    for (const module of modules) {
      const key = moduleKey(module);
      const found = layers.get(key) ?? [];
      const [first] = found;
      if (
        first &&
        (first.outFeatures !== module.outFeatures ||
          first.inFeatures !== module.inFeatures ||
          downWidth(first) !== downWidth(module))
      ) {
        throw new DraftError(
          'DRAFT_LORA_MISMATCH',
          `LoRAs for different architectures cannot be mixed: layer ${key} maps ${first.inFeatures} to ${first.outFeatures} features in one, and ${module.inFeatures} to ${module.outFeatures} in another.`,
        );
      }
      found.push({ ...module, scale: module.scale * strength });
      layers.set(key, found);
    }
  }
  return [...layers.values()].map((list) => (list.length === 1 ? list[0]! : join(list)));
};
