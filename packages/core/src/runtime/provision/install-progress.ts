/** How far an installation is. */
export interface InstallProgress {
  /** What is being done, for example `Downloading tensorflow-cpu 2.21.0`. */
  readonly stage: string;
  /** Bytes done. */
  readonly done: number;
  /** Bytes in all; undefined where that is not known yet. */
  readonly total: number | undefined;
}

/** Who hears of an installation. */
export interface InstallListener {
  /** Takes a line that stays. */
  readonly log: (line: string) => void;
  /** Takes the state, several times a second. */
  readonly progress: (state: InstallProgress) => void;
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

/** One line for a state: `Downloading tensorflow-cpu 2.21.0: 41 % of 274 MB`. */
export const describeInstallProgress = ({ stage, done, total }: InstallProgress): string => {
  if (!total) return done > 0 ? `${stage}: ${megabytes(done)}` : `${stage} …`;
  return `${stage}: ${Math.floor((100 * Math.min(done, total)) / total)} % of ${megabytes(total)}`;
};

/** Where lines go: standard error, usually. */
export interface LineStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** What is done in a moment gets one line, bytes. */
const small = 200e6;

/** Shows an installation: one line that is redrawn on a terminal, a line at each quarter elsewhere. */
export const showInstall = (stream: LineStream = process.stderr): InstallListener => {
  const clear = '\r\u001b[2K';
  let shown = '';
  return {
    log: (line) => {
      stream.write(stream.isTTY && shown !== '' ? `${clear}${line}\n` : `${line}\n`);
      shown = '';
    },
    progress: (state) => {
      const quarter = state.total && state.total >= small ? Math.floor((4 * state.done) / state.total) : 0;
      const key = stream.isTTY ? describeInstallProgress(state) : `${state.stage} ${quarter}`;
      if (key === shown) return;
      shown = key;
      const line = describeInstallProgress(state);
      stream.write(stream.isTTY ? `${clear}${line}` : `${line}\n`);
    },
  };
};
