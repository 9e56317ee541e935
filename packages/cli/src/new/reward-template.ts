import type { PluginNames } from './plugin-names.js';
import type { PluginTemplate } from './plugin-sources.js';

/** What a new reward begins as: how close the mean brightness is to a target, to be replaced. */
export const rewardTemplate = ({ type }: PluginNames): PluginTemplate => ({
  summary: 'Rewards pictures of a given mean brightness.',
  option: "target: z.number().min(0).max(1).default(0.8).describe('Mean brightness that scores highest.'),",
  imports: 'type Reward, type Tensor1D, tf',
  create: `/** Makes the reward \`−(mean − target)²\`, at most 0. It holds no tensors. */
export const create${type} = ({ target }: ${type}Options): Reward => ({
  differentiable: true,
  perSample: true,
  // Tensors in, tensors out: this is recorded once and replayed, so it must not read numbers.
  score: (images) =>
    tf.tidy(() => {
      const mean = tf.mean(images, [1, 2, 3]); // [n]
      return tf.neg(tf.square(tf.sub(mean, target))) as Tensor1D;
    }),
  dispose: () => {},
});
`,
  more: `  card: {
    measures: 'Minus the squared difference of the mean brightness from a target.',
    range: [-1, 0],
    hacking: 'Pictures that are one flat grey.',
  },
`,
  testImports: 'tf',
  test: `  it('scores a picture of the target 0, and a black one −target²', () => {
    const reward = create${type}({ target: 0.5 });
    const images = tf.concat([tf.fill([1, 4, 4, 3], 0.5), tf.zeros([1, 4, 4, 3])]);
    const scores = reward.score(images, {});
    const [grey, black] = scores.dataSync();
    assert.ok(Math.abs(grey) < 1e-6 && Math.abs(black + 0.25) < 1e-6, \`\${grey}, \${black}\`);
    tf.dispose([images, scores]);
  });
`,
});
