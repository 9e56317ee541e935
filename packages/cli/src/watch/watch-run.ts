import { DraftError } from '@draft/core';
import { openRunFolder, type RunFolder } from '../run/run-folder.js';
import { serveWatch } from './watch-server.js';

const openForWatching = (request: string, cwd: string): RunFolder => {
  try {
    return openRunFolder(request, cwd);
  } catch (cause) {
    if (!DraftError.is(cause) || cause.code !== 'DRAFT_RESUME_MISSING') throw cause;
    throw new DraftError(
      'DRAFT_WATCH_MISSING',
      `${request} holds no run: give the folder that draft train writes, as its line "run: …" says.`,
      { cause },
    );
  }
};

const readPort = (text: string): number => {
  const port = Number(text);
  if (Number.isInteger(port) && text.trim() !== '' && port >= 0 && port <= 65_535) return port;
  throw new DraftError('DRAFT_OPTION_INVALID', `--port takes a number from 0 to 65535 (given: "${text}").`);
};

/** Serves the page of a run until Ctrl-C. */
export const watchRun = async (request: string, port: string, cwd: string): Promise<void> => {
  const folder = openForWatching(request, cwd);
  const server = await serveWatch(folder, readPort(port), Date.now);
  process.stdout.write(`${folder.shown}: ${server.url} (Ctrl-C ends it)\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await server.close();
};
