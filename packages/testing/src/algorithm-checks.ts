import { type Algorithm, createRandomSource, DraftError, drawsPlans, planFaults } from '@draft/core';
import { type ConformanceCheck, expectThat } from './conformance-check.js';
import { checkedOptions, optionsChecks } from './options-checks.js';
import type { AnyAlgorithmPlugin, GivenOptions } from './plugin-under-test.js';

/** How an algorithm is tested. */
export interface AlgorithmSettings {
  /** @default {} */
  readonly options?: GivenOptions;
  /** Lengths of chains that it has to plan for; those that it refuses are left out. @default [1, 4, 20, 50] */
  readonly steps?: readonly number[];
}

const iterations = 40;

const planAt = (policy: Algorithm, steps: number, iteration: number) =>
  drawsPlans(policy)
    ? policy.plan({ steps, iteration, random: createRandomSource(3, 'plan', iteration) })
    : undefined;

/** The chain lengths that the policy takes. */
const accepted = (policy: Algorithm, lengths: readonly number[]): readonly number[] =>
  lengths.filter((steps) => {
    try {
      policy.validate(steps);
      return true;
    } catch (error) {
      expectThat(
        DraftError.is(error),
        `validate(${steps}) throws something else than a DraftError: ${error}`,
      );
      return false;
    }
  });

/** Everything that an algorithm has to do. */
export const algorithmChecks = (
  plugin: AnyAlgorithmPlugin,
  { options = {}, steps: lengths = [1, 4, 20, 50] }: AlgorithmSettings = {},
): readonly ConformanceCheck[] => {
  const create = async (): Promise<Algorithm> => plugin.create(await checkedOptions(plugin, options));
  return [
    ...optionsChecks(plugin, options),
    {
      title: 'draws plans, or makes an estimator',
      async run() {
        const made = await create();
        if (drawsPlans(made)) {
          expectThat(typeof made.plan === 'function', 'its plan is no function');
          return;
        }
        expectThat(
          typeof made.createEstimator === 'function',
          'what it creates has neither plan nor createEstimator',
        );
        expectThat(
          typeof made.differentiatesRewards === 'boolean',
          'what it creates does not say whether it differentiates rewards (differentiatesRewards)',
        );
      },
    },
    {
      title: 'accepts a usual number of steps, or refuses it in a sentence',
      async run() {
        const taken = accepted(await create(), lengths);
        expectThat(taken.length > 0, `validate refuses each of ${lengths.join(', ')} steps`);
      },
    },
    {
      title: 'draws plans that can be executed, where it draws any',
      async run() {
        const policy = await create();
        for (const steps of accepted(policy, lengths)) {
          for (let iteration = 0; iteration < iterations; iteration += 1) {
            const plan = planAt(policy, steps, iteration);
            if (plan === undefined) return;
            expectThat(plan.steps === steps, `asked for ${steps} steps, it plans ${plan.steps}`);
            const [fault] = planFaults(plan);
            expectThat(fault === undefined, `with ${steps} steps, in iteration ${iteration}: ${fault}`);
          }
        }
      },
    },
    {
      title: 'draws the same plan from the same random numbers, whatever came before, where it draws any',
      async run() {
        const [policy, other] = [await create(), await create()];
        for (const steps of accepted(policy, lengths)) {
          const inOrder = Array.from({ length: iterations }, (_, i) =>
            JSON.stringify(planAt(policy, steps, i)),
          );
          for (let i = iterations - 1; i >= 0; i -= 1) {
            const again = JSON.stringify(planAt(other, steps, i));
            expectThat(
              again === inOrder[i],
              `with ${steps} steps, iteration ${i} is planned as ${inOrder[i]} and then as ${again}: a resumed run would differ`,
            );
          }
        }
      },
    },
  ];
};
