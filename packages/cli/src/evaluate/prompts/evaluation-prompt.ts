/** A prompt of a set to evaluate on. */
export interface EvaluationPrompt {
  readonly prompt: string;
  /** The parts of the set that it belongs to, by what they are: `{ style: 'anime' }`. */
  readonly groups: Readonly<Record<string, string>>;
}
