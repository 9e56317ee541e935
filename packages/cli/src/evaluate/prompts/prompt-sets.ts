/** Sets of prompts that are there for every checkpoint; a checkpoint's own set of the same name comes first. */
export const shippedPromptSets: Readonly<Record<string, readonly string[]>> = {
  /** The 45 animals of DDPO, on which DRaFT trains. */
  'all-animals': [
    ...['cat', 'dog', 'horse', 'monkey', 'rabbit', 'zebra', 'spider', 'bird', 'sheep', 'deer', 'cow', 'goat'],
    ...['lion', 'tiger', 'bear', 'raccoon', 'fox', 'wolf', 'lizard', 'beetle', 'ant', 'butterfly', 'fish'],
    ...[
      'shark',
      'whale',
      'dolphin',
      'squirrel',
      'mouse',
      'rat',
      'snake',
      'turtle',
      'frog',
      'chicken',
      'duck',
    ],
    ...['goose', 'bee', 'pig', 'turkey', 'fly', 'llama', 'camel', 'bat', 'gorilla', 'hedgehog', 'kangaroo'],
  ],
  /** The animals that AlignProp evaluates on and does not train on. */
  'unseen-animals': ['snail', 'hippopotamus', 'cheetah', 'crocodile', 'lobster', 'octopus'],
};
