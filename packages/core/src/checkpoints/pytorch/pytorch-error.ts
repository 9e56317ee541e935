import { DraftError } from '../../errors/draft-error.js';

/** A sentence about a file that is no valid PyTorch file: `DRAFT_PYTORCH_INVALID`. */
export const pytorchError = (path: string, what: string, cause?: unknown): DraftError =>
  new DraftError('DRAFT_PYTORCH_INVALID', `${path} is not a PyTorch file that can be read: ${what}.`, {
    cause,
  });

/** A sentence about a file that asks for more than weights do: `DRAFT_PYTORCH_REFUSED`. */
export const pytorchRefusal = (path: string, what: string): DraftError =>
  new DraftError(
    'DRAFT_PYTORCH_REFUSED',
    `${path} ${what}, which weights do not need and which may be harmful; nothing of it was run. ` +
      'Take the weights as safetensors, or a file that holds a plain state dict.',
  );

/** A text from the file, short and printable enough for a message. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length > 120 ? `${text.slice(0, 119)}…` : text);
