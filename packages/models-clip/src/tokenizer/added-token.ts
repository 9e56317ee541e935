/** A string that a tokenizer takes as one token wherever it stands in a prompt. */
export interface AddedToken {
  readonly content: string;
  readonly id: number;
  /** Whether it is looked for in the normalised prompt (lower case, composed) rather than in the prompt as typed. */
  readonly normalized: boolean;
  /** Whether it swallows the white space before it. */
  readonly leftStrip: boolean;
  /** Whether it swallows the white space after it. */
  readonly rightStrip: boolean;
  /** Whether it counts only where no word character touches it. */
  readonly singleWord: boolean;
}
