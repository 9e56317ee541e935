/** What both sides read: where the shared files are, and what to do with them. */
export interface Setup {
  /** Folder of the checkpoint. */
  readonly model: string;
  /** `latents` `[n, 4, h, w]` and `images` `[n, 3, height, width]`, float32. */
  readonly inputs: string;
  /** A LoRA in PEFT names, neither factor zero. */
  readonly lora: string;
  readonly prompts: readonly string[];
  readonly pixels: number;
  readonly steps: number;
  readonly guidance: number;
  /** Trained steps, `T` first and 1 last. */
  readonly train: readonly number[];
  /** Whether the network's input is detached. */
  readonly detach: boolean;
  readonly learningRate: number;
}
