import type { Activity, ActivityRecorder, CallSpan, OpSpan, TransferSpan } from '../profile/profile.js';
import type { Binding, SessionRun } from './binding.js';
import { callNode, encodeCallingGraph, withoutRewriting } from './calling-graph.js';
import { bytesOf } from './element-bytes.js';
import { memoryCurve } from './memory-curve.js';
import { operationsOf } from './op-operations.js';
import { withoutSpinning } from './open-binding.js';
import { createMessage } from './protobuf.js';
import { type OpStatistics, readStepStatistics } from './step-statistics.js';

/** `RunOptions.trace_level`: none, and what the executor does, ops and their memory. */
const traceLevels = { silent: 0, software: 1 } as const;

const runOptions = (level: keyof typeof traceLevels): Uint8Array =>
  createMessage().varint(1, traceLevels[level]).finish();

/** As in the eager context. */
const sessionConfiguration = withoutSpinning(withoutRewriting()).finish();

/** `draft_denoise_12` is the twelfth recording, of the function `denoise`. */
const functionName = (name: string): string => name.replace(/^draft_(.*)_\d+$/, '$1');

/** What is not the function's but the call's. */
const isPlumbing = ({ node, op }: OpStatistics): boolean =>
  node === callNode || op === '_Arg' || op === '_Retval' || op === 'NoOp';

/** A call whose statistics are still to be read: that costs time, which is not to be seen in the profile. */
interface RecordedCall extends Pick<SessionRun, 'metadata' | 'started' | 'ended'> {
  readonly name: string;
  readonly first: boolean;
}

const readCall = ({ name, first, metadata, started, ended }: RecordedCall) => {
  const all = readStepStatistics(metadata);
  const operations = operationsOf(all);
  const counted = all
    .map((op, i) => ({ ...op, operations: operations[i] as number }))
    .filter((op) => !isPlumbing(op));
  const memory = memoryCurve(counted);
  const peakBytes = memory.reduce((most, { bytes }) => Math.max(most, bytes), 0);
  const opsFrom = counted.reduce((earliest, { start }) => Math.min(earliest, start), ended);
  const opsTo = counted.reduce((latest, { end }) => Math.max(latest, end), started);
  const call: CallSpan = {
    ...{ name, start: started, end: ended, first, peakBytes, memory },
    ...{ opsFrom, opsTo: counted.length > 0 ? opsTo : ended },
  };
  const spans = counted.map(({ op, node, start, end, ...rest }): OpSpan => {
    const { operations, outputBytes, allocatedBytes } = rest;
    return { ...{ name: op, call: name, node, start, end }, operations, outputBytes, allocatedBytes };
  });
  return { call, spans };
};

/**
 * Puts itself between this process and TensorFlow: every op, function and transfer goes through it until it is stopped.
 * Functions are called by sessions that keep statistics, which the eager context does not.
 */
export const recordActivity = (binding: Binding): ActivityRecorder => {
  const original = { ...binding };
  const sessions = new Map<string, number>();
  const calls: RecordedCall[] = [];
  const ops: OpSpan[] = [];
  const transfers: TransferSpan[] = [];
  let recording = false;

  const open = (name: string): number => {
    const { graph, inputs, outputs, indices } = encodeCallingGraph(binding.functionDefinition(name));
    const session = binding.openSession(graph, sessionConfiguration, inputs, outputs, indices);
    sessions.set(name, session);
    return session;
  };
  const close = (name: string): void => {
    const session = sessions.get(name);
    if (session !== undefined) binding.closeSession(session);
    sessions.delete(name);
  };
  const timed = <T>(body: () => T, keep: (result: T, start: number, end: number) => void): T => {
    if (!recording) return body();
    const start = binding.now();
    const result = body();
    keep(result, start, binding.now());
    return result;
  };

  const patches: Partial<Binding> = {
    createTensor: (shape, dtype, values) =>
      timed(
        () => original.createTensor(shape, dtype, values),
        (_, start, end) => transfers.push({ name: 'to the back end', start, end, bytes: values.byteLength }),
      ),
    tensorDataSync: (id) =>
      timed(
        () => original.tensorDataSync(id),
        ({ byteLength }, start, end) =>
          transfers.push({ name: 'from the back end', start, end, bytes: byteLength }),
      ),
    executeOp: (name, attributes, inputs, outputs) =>
      timed(
        () => original.executeOp(name, attributes, inputs, outputs),
        (results, start, end) => {
          const outputBytes = results.reduce((sum, { dtype, shape }) => sum + bytesOf(dtype, shape), 0);
          ops.push({ name, start, end, operations: 0, outputBytes, allocatedBytes: outputBytes });
        },
      ),
    async executeAsync(name, _attributes, inputs) {
      const known = sessions.get(name);
      const kept = recording;
      const options = runOptions(kept ? 'software' : 'silent');
      const { results, ...run } = await original.runSession(known ?? open(name), options, inputs);
      if (kept) calls.push({ ...run, name: functionName(name), first: known === undefined });
      return results;
    },
    removeFunction(name) {
      close(name);
      original.removeFunction(name);
    },
  };
  Object.assign(binding, patches);

  return {
    now: () => binding.now(),
    begin() {
      recording = true;
    },
    stop(): Activity {
      Object.assign(binding, original);
      for (const name of [...sessions.keys()]) close(name);
      const read = calls.map(readCall);
      return {
        calls: read.map(({ call }) => call),
        ops: [...ops, ...read.flatMap(({ spans }) => spans)],
        transfers,
      };
    },
  };
};
