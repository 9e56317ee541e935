export { adapterRecord, adaptersFrom } from './chain/adapter-record.js';
export { decodePictures } from './chain/decode-pictures.js';
export {
  type ChainOptions,
  type ChainState,
  createDenoisingChain,
  type DenoisingChain,
} from './chain/denoising-chain.js';
export { accumulate as accumulateGradients, type Estimate, type EstimateInputs } from './chain/estimate.js';
export { createGenerator, type Generated, type GenerateInputs, type Generator } from './chain/generator.js';
export { guidedNoise } from './chain/guided-noise.js';
export {
  createNoiseGradient,
  type NoiseGradient,
  type NoiseGradientEstimator,
  type NoiseGradientInputs,
} from './chain/noise-gradient.js';
export { preparedFor, preparedRecord } from './chain/objective.js';
export { createPlanEstimator, type PlanEstimator } from './chain/plan-estimator.js';
export {
  modifyPolicy,
  type PlanModifiers,
  requireEarlyStop,
  stoppedAt,
  withEarlyStop,
  withStopGradient,
} from './chain/plan-modifiers.js';
export { planFaults, validatePlan } from './chain/plan-validation.js';
export { predictNoise } from './chain/predict-noise.js';
export { scoreImages } from './chain/score-images.js';
export { sigmaAt, sigmasOf } from './chain/sigmas.js';
export { packCoefficients, type StepScalars, unpackCoefficients } from './chain/step-coefficients.js';
export { createTextContext, type TextContext } from './chain/text-context.js';
export { requireSteps, roundHalfToEven, type SpreadOptions, spreadTimesteps } from './chain/timesteps.js';
export { trainedNames } from './chain/trained-names.js';
export { type CheckpointPlace, openPlace } from './checkpoints/checkpoint-place.js';
export { type CheckpointWeights, createCheckpointWeights } from './checkpoints/checkpoint-weights.js';
export { fetchPipeline } from './checkpoints/fetch-pipeline.js';
export { type HubReference, isHubReference, parseHubReference } from './checkpoints/hub/hub-reference.js';
export { hubOptionsOf, logHubProgress } from './checkpoints/hub/hub-settings.js';
export { type HubRepo, openHubRepo } from './checkpoints/hub/open-hub-repo.js';
export { type MissingFiles, missingInCache } from './checkpoints/missing-files.js';
export { openCheckpoint } from './checkpoints/open-checkpoint.js';
export { type NetworkSpec, type OpenNetwork, openNetwork } from './checkpoints/open-network.js';
export { openPlacedWeights } from './checkpoints/open-placed-weights.js';
export { openShards } from './checkpoints/open-shards.js';
export { openPytorch } from './checkpoints/pytorch/open-pytorch.js';
export { readJson } from './checkpoints/read-json.js';
export { renameTensors } from './checkpoints/rename-tensors.js';
export type { TensorEntry, TensorSource } from './checkpoints/tensor-source.js';
export { openWeightFolder, weightFileNames } from './checkpoints/weight-folder.js';
export { type PlannedWeight, type PlanOptions, planWeights } from './checkpoints/weight-plan.js';
export { type Algorithm, drawsPlans, needsRewardGradients } from './contracts/algorithm.js';
export type {
  AdaptableLayer,
  Adapter,
  Adapters,
  Conditioning,
  DiffusionModel,
} from './contracts/diffusion-model.js';
export type {
  Estimator,
  EstimatorAlgorithm,
  EstimatorSetup,
  Iteration,
  IterationNotes,
  SampleGroup,
  SavedNumbers,
} from './contracts/estimator.js';
export {
  type GradientPolicy,
  type Plan,
  type PlanContext,
  queriesPerPicture,
} from './contracts/gradient-policy.js';
export type { HubOptions, HubProgress } from './contracts/hub-options.js';
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
export type {
  Rehearsal,
  RehearsedFunction,
  RehearsedOp,
  RehearsedWork,
  Work,
} from './contracts/rehearsal.js';
export type {
  AnyReward,
  MeasuredReward,
  Reward,
  RewardContext,
  WeightedReward,
} from './contracts/reward.js';
export type { RewardCard, RewardWeights } from './contracts/reward-card.js';
export type {
  BackendName,
  CompiledFunction,
  ComputeType,
  MemoryReport,
  Runtime,
  StoredPlace,
  StoredType,
  TensorRecord,
} from './contracts/runtime.js';
export type { Sampler, SamplerStep, SamplerTable } from './contracts/sampler.js';
export type { GuidanceCurve, SamplingWeights } from './contracts/sampling-weights.js';
export {
  type PartsRequest,
  requireTrainableParts,
  type TrainedPart,
  trainedParts,
} from './contracts/trained-parts.js';
export type { WeightLayout, Weights } from './contracts/weights.js';
export { DraftError, type DraftErrorOptions } from './errors/draft-error.js';
export { bfloat16ToFloat32, float32ToBfloat16 } from './files/bfloat16.js';
export { decodeNumbers } from './files/decode-numbers.js';
export { explainFileError, type FileAttempt } from './files/explain-file-error.js';
export { float16ToFloat32, float32ToFloat16 } from './files/float16.js';
export {
  type JsonLinesOptions,
  type JsonLinesWriter,
  openJsonLines,
  readJsonLines,
} from './files/json-lines.js';
export { makeFolder } from './files/make-folder.js';
export { openSafetensors, type SafetensorsFile } from './files/open-safetensors.js';
export { readSafetensors, type SafetensorsContent, type StoredTensor } from './files/read-safetensors.js';
export { replaceFile } from './files/replace-file.js';
export type { SafetensorsEntry, SafetensorsHeader, SafetensorsType } from './files/safetensors-header.js';
export { type LockOptions, withLock } from './files/with-lock.js';
export { writeFileAtomically } from './files/write-file-atomically.js';
export { type TensorData, type TensorToStore, writeSafetensors } from './files/write-safetensors.js';
export {
  type BeforeAfter,
  composeBeforeAfter,
  formatRewards,
  type ScoredPicture,
} from './images/before-after.js';
export { composeGrid, type GridOptions, type GridRow } from './images/compose-grid.js';
export { type CurveOptions, type CurveSeries, drawCurve } from './images/draw-curve.js';
export { type DotOptions, type DotPanel, drawDots } from './images/draw-dots.js';
export type { Colour, Pixels } from './images/pixels.js';
export { decodePng, encodePng, readPng, writePng } from './images/png.js';
export { enlarge, scaleTowards, shrink } from './images/scale-pixels.js';
export { fromPixels, toPixels } from './images/to-pixels.js';
export { type Report, type ReportFigure, renderReport, writeReport } from './images/write-report.js';
export {
  adapterTensors,
  combineAdapters,
  countParameters,
  disposeAdapters,
  scaleAdapters,
} from './lora/adapters.js';
export { createLora, type LoraOptions } from './lora/create-lora.js';
export { loraDifference } from './lora/lora-difference.js';
export { familyNamed, type LoraFamily, loraFamilies } from './lora/lora-family.js';
export { type LoraFormat, loraFormatNames } from './lora/lora-format.js';
export { type LoraComponent, type LoraModule, moduleKey } from './lora/lora-module.js';
export { mergeableLayers, mergeLora } from './lora/merge-lora.js';
export { type LoraShare, mixLoras } from './lora/mix-loras.js';
export { readLora } from './lora/read-lora.js';
export { type LoraFile, readLoraFile } from './lora/read-lora-file.js';
export { type ResizedModule, type ResizeOptions, resizeModule } from './lora/resize-lora.js';
export { defaultLoraTargets, loraTargetSets, selectLoraLayers } from './lora/target-sets.js';
export { adapterModules, type LoraToWrite, writeLora } from './lora/write-lora.js';
export {
  type WriteLoraFileOptions,
  type WrittenLoraFormat,
  writeLoraFile,
} from './lora/write-lora-file.js';
export { type AttentionOptions, attention } from './primitives/attention.js';
export { type Conv2dOptions, type Conv2dWeights, conv2d, type ExplicitPadding } from './primitives/conv2d.js';
export { geglu } from './primitives/geglu.js';
export { gelu } from './primitives/gelu.js';
export { type GroupNormOptions, groupNorm, type NormWeights } from './primitives/group-norm.js';
export { type LayerNormOptions, layerNorm } from './primitives/layer-norm.js';
export { type LinearOptions, type LinearWeights, linear } from './primitives/linear.js';
export { quickGelu } from './primitives/quick-gelu.js';
export { recomputed } from './primitives/recomputed.js';
export { recomputedPart } from './primitives/recomputed-part.js';
export { silu } from './primitives/silu.js';
export { upsampleNearest } from './primitives/upsample-nearest.js';
export { createRandomSource } from './random/create-random-source.js';
export { channelsLast, type InitialNoise, initialNoise } from './random/initial-noise.js';
export { createTorchGenerator, type TorchGenerator, torchNormal } from './random/torch-generator.js';
export { inBranches } from './runtime/branches.js';
export { createRuntime, type RuntimeOptions } from './runtime/create-runtime.js';
export { after } from './runtime/ordering.js';
export { presentBackends } from './runtime/present-backends.js';
export { chromeTrace } from './runtime/profile/chrome-trace.js';
export { inPhase, iterationPhase } from './runtime/profile/phases.js';
export type {
  Activity,
  ActivityRecorder,
  CallSpan,
  OpSpan,
  PhaseSpan,
  Profile,
  ProfileSpan,
  TransferSpan,
} from './runtime/profile/profile.js';
export { type ProfileRecording, startProfile } from './runtime/profile/start-profile.js';
export {
  type KindSummary,
  type PhaseSummary,
  type ProfileSummary,
  summariseProfile,
} from './runtime/profile/summarise-profile.js';
export { ensureTensorFlow } from './runtime/provision/ensure-tensorflow.js';
export {
  describeInstallProgress,
  type InstallListener,
  type InstallProgress,
  showInstall,
} from './runtime/provision/install-progress.js';
export { type InstallOptions, installRuntime } from './runtime/provision/install-runtime.js';
export {
  cacheFolder,
  runtimeFolder,
  type TensorFlowVariant,
  tensorFlowVersion,
} from './runtime/provision/runtime-folder.js';
export { type InstallationInfo, type RuntimeInfo, runtimeInfo } from './runtime/provision/runtime-info.js';
export {
  type DataType,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tf,
} from './runtime/tf.js';
export {
  createSamplingWeights,
  encodeNegative,
  knotsOf,
  type SamplingStart,
} from './sampling/create-sampling-weights.js';
export { guidanceAt } from './sampling/guidance-at.js';
export { mixSampling, type SamplingBase, type SamplingShare } from './sampling/mix-sampling.js';
export { type Learnt, readLearnt, samplingBeside } from './sampling/read-learnt.js';
export {
  companionMetadata,
  readSamplingFile,
  readSamplingHeader,
  type SamplingHeader,
  writeSamplingFile,
} from './sampling/sampling-file.js';
export {
  type GuidanceNumbers,
  guidanceNumberAt,
  type SamplingNumbers,
  samplingNumbers,
  samplingTensors,
} from './sampling/sampling-numbers.js';
export { disposeSampling, samplingFrom, samplingNames, samplingRecord } from './sampling/sampling-record.js';
export {
  type Adamw,
  type AdamwOptions,
  type AdamwState,
  type AdamwUpdate,
  createAdamw,
  type ParameterSettings,
} from './training/adamw.js';
export { differentiableRewards } from './training/differentiable-rewards.js';
export { drawNoise } from './training/draw-samples.js';
export { clippingFactor, gradientNorm } from './training/gradient-norm.js';
export type { IterationReport } from './training/iteration-report.js';
export { type LearningRateOptions, learningRateAt, learningRateSchedules } from './training/learning-rate.js';
export { guidanceRate } from './training/parameter-settings.js';
export { withPixelShift } from './training/pixel-shift.js';
export { prepareRewards } from './training/prepare-rewards.js';
export { withRewardDropout } from './training/reward-dropout.js';
export { createPictureScorer, type PictureScorer } from './training/score-pictures.js';
export { createTrainer, type Trainer } from './training/trainer.js';
export type { TrainerOptions } from './training/trainer-options.js';
export { loadTensors, saveTensors, type TrainerState } from './training/trainer-state.js';
