/** One emoji that shows an animal. */
export interface AnimalEmoji {
  /** The name in the vector sets. */
  readonly name: string;
  /** The code points in hexadecimal, joined by `-`: the file name in the WebP set. */
  readonly code: string;
  /** The sets whose drawing shows the head alone. `'all'`: every set's does. */
  readonly face?: 'all' | readonly string[];
  /** The sets whose drawing is left out: another animal, another pose, or unreadable at 64 pixels. */
  readonly without?: readonly string[];
  /** The sets whose drawing reads less well than the others: plain captions seldom show it. */
  readonly weak?: readonly string[];
}

const fluentSets = ['fluent-3d', 'fluent-flat'] as const;

const emoji = (name: string, code: string, rest: Omit<AnimalEmoji, 'name' | 'code'> = {}): AnimalEmoji => ({
  name,
  code,
  ...rest,
});
const face = (name: string, code: string, without: readonly string[] = []): AnimalEmoji =>
  emoji(name, code, { face: 'all', without });

/** The 45 animals of the papers and the emoji that show each; every drawing was looked at. */
export const animalEmoji: Readonly<Record<string, readonly AnimalEmoji[]>> = {
  cat: [face('cat-face', '1f431'), emoji('cat', '1f408')],
  dog: [face('dog-face', '1f436'), emoji('dog', '1f415')],
  horse: [face('horse-face', '1f434'), emoji('horse', '1f40e', { without: ['emojione'] })],
  monkey: [face('monkey-face', '1f435'), emoji('monkey', '1f412')],
  rabbit: [face('rabbit-face', '1f430'), emoji('rabbit', '1f407')],
  zebra: [emoji('zebra', '1f993', { face: ['twemoji'] })],
  spider: [emoji('spider', '1f577', { without: ['emojione'], weak: ['noto'] })],
  bird: [emoji('bird', '1f426', { weak: fluentSets })],
  sheep: [
    emoji('ewe', '1f411', { without: ['twemoji'] }),
    emoji('ram', '1f40f', { without: fluentSets, weak: ['twemoji'] }),
  ],
  deer: [emoji('deer', '1f98c', { face: ['noto-v1', 'twemoji', 'emojione'] })],
  cow: [face('cow-face', '1f42e', ['twemoji', 'noto-v1']), emoji('cow', '1f404', { weak: ['twemoji'] })],
  goat: [emoji('goat', '1f410', { weak: ['twemoji'] })],
  lion: [face('lion', '1f981')],
  tiger: [face('tiger-face', '1f42f'), emoji('tiger', '1f405')],
  bear: [face('bear', '1f43b')],
  raccoon: [emoji('raccoon', '1f99d', { face: [...fluentSets, 'twemoji'] })],
  fox: [face('fox', '1f98a')],
  wolf: [face('wolf', '1f43a')],
  lizard: [emoji('lizard', '1f98e')],
  beetle: [emoji('beetle', '1fab2')],
  ant: [emoji('ant', '1f41c')],
  butterfly: [emoji('butterfly', '1f98b')],
  fish: [emoji('fish', '1f41f'), emoji('tropical-fish', '1f420', { without: fluentSets })],
  shark: [emoji('shark', '1f988')],
  whale: [
    emoji('spouting-whale', '1f433', { without: ['noto-v1'] }),
    emoji('whale', '1f40b', { without: ['noto', ...fluentSets, 'emojione'] }),
  ],
  dolphin: [emoji('dolphin', '1f42c')],
  squirrel: [emoji('chipmunk', '1f43f')],
  mouse: [face('mouse-face', '1f42d'), emoji('mouse', '1f401', { weak: ['twemoji'] })],
  rat: [emoji('rat', '1f400')],
  snake: [emoji('snake', '1f40d')],
  turtle: [emoji('turtle', '1f422')],
  frog: [face('frog', '1f438')],
  chicken: [
    emoji('chicken', '1f414', { face: ['noto', ...fluentSets], without: ['twemoji'] }),
    emoji('rooster', '1f413'),
  ],
  duck: [emoji('duck', '1f986')],
  goose: [emoji('goose', '1fabf')],
  bee: [emoji('honeybee', '1f41d')],
  pig: [face('pig-face', '1f437'), emoji('pig', '1f416')],
  turkey: [emoji('turkey', '1f983', { weak: fluentSets })],
  fly: [emoji('fly', '1fab0')],
  llama: [emoji('llama', '1f999')],
  camel: [emoji('camel', '1f42a', { without: ['emojione'] }), emoji('two-hump-camel', '1f42b')],
  bat: [emoji('bat', '1f987')],
  gorilla: [emoji('gorilla', '1f98d', { face: ['noto-v1', 'twemoji', 'emojione'] })],
  hedgehog: [emoji('hedgehog', '1f994', { face: ['twemoji'] })],
  kangaroo: [emoji('kangaroo', '1f998')],
};

/** The names of the 45 animals, in the papers' order. */
export const animalNames: readonly string[] = Object.keys(animalEmoji);

/** The emoji of a closed book, the second object of two-object scenes. */
export const bookEmoji: readonly AnimalEmoji[] = [
  emoji('closed-book', '1f4d5'),
  emoji('green-book', '1f4d7'),
  emoji('blue-book', '1f4d8'),
  emoji('orange-book', '1f4d9'),
];
