import type { BegunCall, HalvedFunction } from '../../contracts/halved-function.js';
import type { TensorRecord } from '../../contracts/runtime.js';
import { beginPhase, recordingPhase } from '../profile/phases.js';
import type { Tensor } from '../tf.js';
import type { TensorFlowBackend } from './backend.js';
import type { TensorMetadata } from './binding.js';
import { type Arithmetic, addGraph, ordered, recordBody, signature } from './compile.js';
import { type GraphHalf, splitGraph } from './split-graph.js';

/** A half that TensorFlow holds, and what to call it with. */
interface Half {
  readonly name: string;
  /** Arguments of the whole by name, or captured tensors. */
  readonly operands: readonly (string | object)[];
  /** Names of the results. */
  readonly outputs: readonly string[];
}

/** A function that was recorded for one combination of shapes. */
interface Halves {
  readonly first: Half;
  readonly second: Half;
  /** How many values the first hands to the second. */
  readonly handed: number;
}

/** The arguments with stand-ins for the late ones, in the order of their names. */
export const withLate = (inputs: TensorRecord, late: Readonly<Record<string, string>>): TensorRecord =>
  ordered({
    ...inputs,
    ...Object.fromEntries(Object.entries(late).map(([name, like]) => [name, inputs[like] as Tensor])),
  });

/** Records a body and divides it. */
export const recordHalves = (
  backend: TensorFlowBackend,
  { binding, precision }: Pick<Arithmetic, 'binding' | 'precision'>,
  body: (inputs: TensorRecord) => TensorRecord,
  inputs: TensorRecord,
  late: Readonly<Record<string, string>>,
) => {
  const all = withLate(inputs, late);
  const recorded = recordBody(backend, binding, precision, body, all);
  const names = Object.keys(all);
  const argument = new Map(
    recorded.graph.inputs.map((node, i) => [node, names[i] ?? recorded.captured[i - names.length]]),
  );
  const lateNodes = recorded.graph.inputs.filter((_, i) => Object.hasOwn(late, names[i] ?? ''));
  const split = splitGraph(recorded.graph, new Set(lateNodes));
  const resultNames = new Map(recorded.graph.outputs.map((node, i) => [node, recorded.outputs[i] as string]));
  const described = (half: GraphHalf) => ({
    operands: half.inputs.map((node) => argument.get(node) as string | object),
    outputs: half.outputs.map((node) => resultNames.get(node) as string),
  });
  return { recorded, split, first: described(split.first), second: described(split.second) };
};

/** A function that becomes two TensorFlow functions per combination of argument shapes. */
export const compileInHalvesForTensorFlow = (
  backend: TensorFlowBackend,
  arithmetic: Arithmetic,
  name: string,
  body: (inputs: TensorRecord) => TensorRecord,
  late: Readonly<Record<string, string>>,
): HalvedFunction => {
  const { binding } = arithmetic;
  const known = new Map<string, Halves>();

  const record = (inputs: TensorRecord): Halves => {
    const end = beginPhase(recordingPhase, name);
    try {
      const { split, first, second } = recordHalves(backend, arithmetic, body, inputs, late);
      const [from, index] = [
        split.handed.map((value) => value.from.split(':')[0] as string),
        split.handed.map((value) => Number(value.from.split(':')[1] ?? 0)),
      ];
      const zeros = split.first.outputs.map(() => 0);
      return {
        handed: split.handed.length,
        first: {
          ...first,
          name: addGraph(arithmetic, `${name}_begun`, split.first.nodes, {
            inputs: split.first.inputs,
            outputs: [...split.first.outputs, ...from],
            indices: [...zeros, ...index],
          }),
        },
        second: {
          ...second,
          name: addGraph(arithmetic, `${name}_finished`, split.second.nodes, {
            inputs: [...split.second.inputs, ...split.handed.map(({ to }) => to)],
            outputs: split.second.outputs,
            indices: split.second.outputs.map(() => 0),
          }),
        },
      };
    } finally {
      end();
    }
  };

  const handlesOf = (half: Half, given: TensorRecord): number[] =>
    half.operands.map((operand) =>
      backend.handle((typeof operand === 'string' ? given[operand] : { dataId: operand }) as Tensor),
    );
  const named = (half: Half, results: readonly TensorMetadata[]): TensorRecord =>
    Object.fromEntries(
      half.outputs.map((output, i) => [output, backend.adopt(results[i] as TensorMetadata)]),
    );

  const begin = async (unordered: TensorRecord): Promise<BegunCall> => {
    const inputs = ordered(unordered);
    if (backend.recording) throw new Error('a compiled function was called while another is being recorded');
    const key = signature(backend, inputs);
    const halves = known.get(key) ?? record(inputs);
    known.set(key, halves);
    const { first, second, handed } = halves;
    const made = await binding.executeAsync(
      first.name,
      [],
      handlesOf(first, inputs),
      first.outputs.length + handed,
    );
    let kept = made.slice(first.outputs.length).map(({ id }) => id);
    // What the second half reads of the arguments has to live until then.
    const borrowed = second.operands.flatMap((operand) =>
      typeof operand === 'string' && !Object.hasOwn(late, operand) ? [operand] : [],
    );
    const held = Object.fromEntries(
      borrowed.map((operand) => [operand, (inputs[operand] as Tensor).clone()]),
    );
    const discard = () => {
      for (const id of kept) binding.deleteTensor(id);
      kept = [];
      for (const tensor of Object.values(held)) tensor.dispose();
    };
    return {
      results: named(first, made),
      async finish(given) {
        const handles = [...handlesOf(second, { ...held, ...given }), ...kept];
        const results = await binding.executeAsync(second.name, [], handles, second.outputs.length);
        discard();
        return named(second, results);
      },
      discard,
    };
  };

  const dispose = () => {
    for (const { first, second } of known.values()) {
      binding.removeFunction(first.name);
      binding.removeFunction(second.name);
    }
    known.clear();
  };
  return { begin, dispose };
};
