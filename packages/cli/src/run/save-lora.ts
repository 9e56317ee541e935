import { type Adapters, type DiffusionModel, familyNamed, writeLora } from '@draft/core';

/** The file for A1111, ComfyUI and kohya's scripts beside a LoRA file with PEFT's names. */
export const kohyaPath = (path: string): string => path.replace(/(\.safetensors)?$/, '.kohya.safetensors');

/**
 * Writes a LoRA twice: with PEFT's names, which diffusers reads, and with kohya's, which the other programs do
 * (`lora.safetensors`, `lora.kohya.safetensors`). Each file is read again and compared. For an
 * architecture that kohya's scripts do not know there is only the first.
 */
export const saveLora = async (
  path: string,
  adapters: Adapters,
  { layers, architecture }: Pick<DiffusionModel, 'layers' | 'architecture'>,
): Promise<void> => {
  await writeLora(path, { adapters, layers, architecture });
  if (familyNamed(architecture) === undefined) return;
  await writeLora(kohyaPath(path), { adapters, layers, architecture, format: 'kohya' });
};
