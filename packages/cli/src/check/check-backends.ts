/** The back ends that rewards can be checked on, plainest first. */
export const checkBackends = ['cpu', 'wasm', 'webgpu', 'tensorflow'] as const;
