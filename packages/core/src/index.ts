export type {
  AdaptableLayer,
  Adapter,
  Adapters,
  Conditioning,
  DiffusionModel,
} from './contracts/diffusion-model.js';
export type { GradientPolicy, Plan, PlanContext } from './contracts/gradient-policy.js';
export type { NoiseSchedule, PredictionType, TimestepSpacing } from './contracts/noise-schedule.js';
export type {
  AlgorithmPlugin,
  ModelPlugin,
  Plugin,
  PluginContext,
  RewardPlugin,
  SamplerPlugin,
} from './contracts/plugin.js';
export type { RandomSource } from './contracts/random-source.js';
export type { Reward, RewardContext } from './contracts/reward.js';
export type {
  BackendName,
  CompiledFunction,
  ComputeType,
  MemoryReport,
  Runtime,
  StoredType,
  TensorRecord,
} from './contracts/runtime.js';
export type { Sampler, SamplerStep, SamplerTable } from './contracts/sampler.js';
export type { WeightLayout, Weights } from './contracts/weights.js';
export { DraftError } from './errors/draft-error.js';
export type { DataType, Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from './runtime/tf.js';
export { tf } from './runtime/tf.js';
