/** Rewards from the smallest to the largest, by the names of their files. */
export const rewardNames = [
  'coco-ssd-lite',
  'coco-ssd-v1',
  'coco-ssd-v2',
  'adversarial-timm',
  'adversarial-transformers',
  'lpips-alex',
  'lpips-vgg',
  'owlvit-base-patch32',
  'owlvit-base-patch16',
  'owlvit-large-patch14',
  'clipscore-l14',
  'aesthetic',
  'clipscore-h14',
  'pickscore',
  'hpsv2',
] as const;
