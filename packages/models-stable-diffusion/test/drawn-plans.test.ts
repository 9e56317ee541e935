import { readFileSync } from 'node:fs';
import alignprop from '@draft/algorithm-alignprop';
import draft from '@draft/algorithm-draft';
import draftLv from '@draft/algorithm-draft-lv';
import drtune from '@draft/algorithm-drtune';
import refl from '@draft/algorithm-refl';
import {
  type AlgorithmPlugin,
  createRandomSource,
  drawsPlans,
  modifyPolicy,
  type Plan,
  type PlanModifiers,
} from '@draft/core';
import { describe, expect, it } from 'vitest';
import { fixturePath } from './support/checkpoint-folder.js';

interface PinnedPlan extends Plan {
  readonly name: string;
  readonly sampler: string;
  readonly drawnBy?: {
    readonly algorithm: string;
    readonly options: Readonly<Record<string, unknown>>;
    readonly modifiers: PlanModifiers;
  };
}

const { plans } = JSON.parse(readFileSync(fixturePath('tiny/plans.json'), 'utf8')) as {
  readonly plans: readonly PinnedPlan[];
};

const plugins = new Map<string, AlgorithmPlugin<never>>(
  [draft, draftLv, drtune, refl, alignprop].map((plugin) => [plugin.name, plugin as AlgorithmPlugin<never>]),
);

/** Every plan that an algorithm draws with some seed. */
const drawn = async ({ steps, drawnBy }: PinnedPlan): Promise<readonly Plan[]> => {
  const { algorithm: name, options, modifiers } = drawnBy!;
  const plugin = plugins.get(name)!;
  const parsed = await plugin.options['~standard'].validate(options);
  if (parsed.issues) throw new Error(JSON.stringify(parsed.issues));
  const algorithm = plugin.create(parsed.value);
  if (!drawsPlans(algorithm)) throw new Error(`${name} draws no plans.`);
  const policy = modifyPolicy(algorithm, modifiers);
  policy.validate(steps);
  return Array.from({ length: 64 }, (_, seed) =>
    policy.plan({ steps, random: createRandomSource(seed), iteration: 0 }),
  );
};

describe('the plans whose gradients PyTorch has', () => {
  const pinned = plans.filter(({ drawnBy }) => drawnBy !== undefined);

  it.each(pinned.map((plan) => [plan.name, plan] as const))(
    '%s is drawn by its algorithm',
    async (_, plan) => {
      const { name: _name, sampler: _sampler, drawnBy: _by, ...expected } = plan;
      expect(await drawn(plan)).toContainEqual(expected);
    },
  );

  it('are several of every algorithm, some with noise while sampling', () => {
    for (const name of plugins.keys()) {
      const own = pinned.filter(({ drawnBy }) => drawnBy?.algorithm === name);
      expect(own.length, name).toBeGreaterThanOrEqual(3);
      expect(
        own.map(({ sampler }) => sampler),
        name,
      ).toContain('ddpm');
    }
  });
});
