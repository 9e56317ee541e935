import { isKind, type PickleGlobal, type PickleTuple, type PickleValue } from './pickle-value.js';
import { tensorView } from './tensor-view.js';

/** Whether a value may be the key of a dictionary. */
export const isKey = (value: PickleValue): boolean => !isKind(value, 'list') && !isKind(value, 'dict');

function orderedDict([pairs, ...rest]: readonly PickleValue[]): PickleValue | undefined {
  const items = new Map<PickleValue, PickleValue>();
  if (pairs === undefined) return { kind: 'dict', items };
  if (!isKind(pairs, 'list') || rest.length > 0) return undefined;
  for (const pair of pairs.items) {
    if (!isKind(pair, 'list') && !isKind(pair, 'tuple')) return undefined;
    const [key, value, ...more] = pair.items;
    if (key === undefined || value === undefined || more.length > 0 || !isKey(key)) return undefined;
    items.set(key, value);
  }
  return { kind: 'dict', items };
}

function rebuildTensor(version: 1 | 2 | 3, args: readonly PickleValue[]): PickleValue | string {
  const expected = { 1: [4, 4], 2: [6, 7], 3: [7, 8] }[version] as [number, number];
  if (args.length < expected[0] || args.length > expected[1]) {
    return `a tensor is described by ${args.length} values`;
  }
  if (version !== 3) return tensorView(args);
  const dtype = args[6];
  if (!isKind(dtype, 'global') || dtype.role.kind !== 'dtype') return 'a tensor has no type';
  if (dtype.role.type === null) return `a tensor is ${dtype.name}, which cannot be used`;
  return tensorView(args, dtype.role.type);
}

/**
 * What a name of the list gives when the pickle calls it.
 * @returns The value; or the fault, as an error to be said.
 */
export function rebuild(
  callee: PickleGlobal,
  { items: args }: PickleTuple,
): { readonly value: PickleValue } | { readonly fault: string } {
  const { role, name } = callee;
  const fault = { fault: `${name} is called with arguments that it does not have` };
  switch (role.kind) {
    case 'ordered-dict': {
      const value = orderedDict(args);
      return value === undefined ? fault : { value };
    }
    case 'rebuild-tensor': {
      const value = rebuildTensor(role.version, args);
      return typeof value === 'string' ? { fault: value } : { value };
    }
    case 'rebuild-parameter':
      return isKind(args[0], 'tensor') ? { value: args[0] } : fault;
    case 'size':
      return isKind(args[0], 'tuple') ? { value: args[0] } : fault;
    case 'inert':
      return { value: { kind: 'inert', name } };
    default:
      return { fault: `${name} is called, which is no function` };
  }
}
