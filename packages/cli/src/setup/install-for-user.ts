import { installRuntime, type TensorFlowVariant } from '@draft/core';
import { watchInterruption } from '../progress/interruption.js';
import { createProgress } from '../progress/progress.js';
import { installListener } from './install-listener.js';

/** Runs `draft runtime install`. */
export const installForUser = async (variant: TensorFlowVariant, force: boolean): Promise<void> => {
  const progress = createProgress(process.stdout, Date.now);
  const interruption = watchInterruption(() => progress.log('Stopping.'));
  try {
    await installRuntime({ variant, force, signal: interruption.signal, ...installListener(progress) });
    progress.finish();
    progress.log(
      `TensorFlow is ready${variant === 'gpu' ? ' for NVIDIA GPUs' : ''}: draft runtime info shows it.`,
    );
  } finally {
    progress.finish();
    interruption.dispose();
  }
};
