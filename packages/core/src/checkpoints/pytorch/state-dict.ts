import { isKind, type PickleDict, type PickleValue } from './pickle-value.js';
import { pytorchError, quoted } from './pytorch-error.js';
import type { TensorView } from './tensor-view.js';

/** Names under which training programs keep the state dict beside other things, best first. */
const wrappers = ['state_dict', 'model_state_dict', 'model'] as const;

const tensorsOf = ({ items }: PickleDict): ReadonlyMap<string, TensorView> =>
  new Map(
    [...items].flatMap(([key, value]) =>
      typeof key === 'string' && isKind(value, 'tensor') ? [[key, value] as const] : [],
    ),
  );

/**
 * Finds the named tensors of a file: those of its `state_dict`, or its own.
 * @throws DraftError `DRAFT_PYTORCH_INVALID` where it has none.
 */
export function stateDict(root: PickleValue, path: string): ReadonlyMap<string, TensorView> {
  if (!isKind(root, 'dict')) {
    const found = isKind(root, 'tensor') ? 'a tensor without a name' : 'no dictionary';
    throw pytorchError(path, `it holds ${found}, where a state dict is needed`);
  }
  for (const name of wrappers) {
    const inner = root.items.get(name);
    const tensors = isKind(inner, 'dict') ? tensorsOf(inner) : undefined;
    if (tensors?.size) return tensors;
  }
  const tensors = tensorsOf(root);
  if (tensors.size) return tensors;
  const names = [...root.items.keys()].flatMap((key) => (typeof key === 'string' ? [quoted(key)] : []));
  const holds = names.length ? `only ${names.slice(0, 6).join(', ')}` : 'nothing';
  throw pytorchError(path, `it holds no named tensors, ${holds}`);
}
