/** How far a download is. */
export interface HubProgress {
  /** The file, as `hf:org/name/file`. */
  readonly name: string;
  /** Bytes that are there, those of an earlier attempt included. */
  readonly received: number;
  readonly total: number;
}

/** How the Hugging Face Hub is talked to. */
export interface HubOptions {
  readonly onProgress?: (progress: HubProgress) => void;
  readonly signal?: AbortSignal;
  /**
   * The commit of each repository, by `hf:org/name[@revision]`. One that is there is taken as it is; one that is looked
   * up is added. So one map makes several uses agree, and another program do the same again.
   */
  readonly commits?: Map<string, string>;
  /**
   * `HF_TOKEN`, `HF_ENDPOINT`, `HF_HUB_OFFLINE`, `HF_HUB_CACHE` and `HF_HOME` are honoured.
   * @default process.env
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}
