import { defineConfig } from 'vitest/config';

/** Prints how many tests ran, on a line of its own. */
const tally = () => ({
  onTestRunEnd(modules) {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state === 'passed' || state === 'failed' ? state : 'skipped'] += 1;
      }
      if (module.errors().length) count.failed += module.errors().length;
    }
    const skipped = count.skipped ? `, ${count.skipped} skipped` : '';
    console.log(`\n${count.passed} passed, ${count.failed} failed${skipped}`);
  },
});

const conditions = ['@draft/source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'tools/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts'],
    reporters: ['default', tally()],
    // Each file has its own process: a tensor back end is global to one.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 600_000,
    // A function that falls back to eager ops, several times as slow, is a failure here.
    env: { DRAFT_SOURCE: '1', DRAFT_STRICT_GRAPHS: '1' },
  },
});
