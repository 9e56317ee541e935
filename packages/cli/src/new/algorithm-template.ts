import type { PluginNames } from './plugin-names.js';
import type { PluginTemplate } from './plugin-sources.js';

/** What a new algorithm begins as: the last k steps learn, to be replaced. */
export const algorithmTemplate = ({ id, type }: PluginNames): PluginTemplate => ({
  summary: 'Trains the last k sampling steps.',
  option: "k: z.int().min(1).default(1).describe('How many of the last steps learn.'),",
  imports: 'DraftError, type GradientPolicy',
  create: `/** Makes the gradient policy: the steps \`k..1\` learn, and the state is detached before them. */
export const create${type} = ({ k }: ${type}Options): GradientPolicy => ({
  validate(steps) {
    if (k <= steps) return;
    throw new DraftError(
      'DRAFT_PLAN_INVALID',
      \`The option k of ${id} is \${k}, but there are only \${steps} steps: make k smaller.\`,
    );
  },
  // Whatever is drawn comes from \`random\` (\`random.child('name')\`), or a run could not be resumed.
  plan: ({ steps }) => ({
    steps,
    train: Array.from({ length: k }, (_, i) => k - i),
    stop: 0,
    detachInput: false,
    cutState: k,
    copies: 0,
  }),
});
`,
  testImports: 'createRandomSource',
  test: `  it('trains the last k steps', () => {
    const plan = create${type}({ k: 2 }).plan({ steps: 10, iteration: 0, random: createRandomSource(0) });
    assert.deepEqual(plan.train, [2, 1]);
  });
`,
});
