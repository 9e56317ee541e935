/** How every package is built: one ES module per entry, with types. */
export const preset = (overrides = {}) => ({
  entry: ['src/index.ts'],
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  clean: true,
  // tsup passes baseUrl to the compiler, which TypeScript 6 reports as deprecated.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  ...overrides,
});
