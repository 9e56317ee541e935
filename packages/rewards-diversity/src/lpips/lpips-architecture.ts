/** A convolution of the network whose features are compared. */
export interface LpipsLayer {
  /** Its number in torchvision's `features`. */
  readonly index: number;
  readonly kernel: number;
  readonly stride: number;
  /** Zeros on all sides. */
  readonly border: number;
  /** Side of the max pooling before it, if any. */
  readonly pool?: 2 | 3;
  /** Whether what comes out of its ReLU is compared. */
  readonly compared: boolean;
}

/** A network whose features LPIPS compares. */
export interface LpipsArchitecture {
  readonly layers: readonly LpipsLayer[];
  /** Sides from which on every feature has a pixel. */
  readonly smallestSide: number;
  /** The published weights: the network on ImageNet, and LPIPS's weights of its features. */
  readonly backbone: string;
  readonly heads: string;
}

/** The files that the package lpips 0.1.4 brings, too. */
const heads = (name: string, sha256: string): string =>
  `https://raw.githubusercontent.com/richzhang/PerceptualSimilarity/master/lpips/weights/v0.1/${name}.pth#sha256=${sha256}`;

const small = (index: number, compared: boolean, pool?: 2 | 3): LpipsLayer => ({
  index,
  kernel: 3,
  stride: 1,
  border: 1,
  compared,
  ...(pool ? { pool } : {}),
});

/** The networks by the names that the package lpips has for them. */
export const lpipsArchitectures: Readonly<Record<'alex' | 'vgg', LpipsArchitecture>> = {
  alex: {
    layers: [
      { index: 0, kernel: 11, stride: 4, border: 2, compared: true },
      { index: 3, kernel: 5, stride: 1, border: 2, pool: 3, compared: true },
      small(6, true, 3),
      small(8, true),
      small(10, true),
    ],
    smallestSide: 31,
    backbone: 'https://download.pytorch.org/models/alexnet-owt-7be5be79.pth',
    heads: heads('alex', 'df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0'),
  },
  vgg: {
    layers: [
      small(0, false),
      small(2, true),
      small(5, false, 2),
      small(7, true),
      small(10, false, 2),
      small(12, false),
      small(14, true),
      small(17, false, 2),
      small(19, false),
      small(21, true),
      small(24, false, 2),
      small(26, false),
      small(28, true),
    ],
    smallestSide: 16,
    backbone: 'https://download.pytorch.org/models/vgg16-397923af.pth',
    heads: heads('vgg', 'a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868'),
  },
};
