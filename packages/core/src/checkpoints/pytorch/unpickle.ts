import { allowedGlobal } from './allowed-globals.js';
import type { PickleInput } from './pickle-input.js';
import {
  isKind,
  type PickleDict,
  type PickleList,
  type PickleStorage,
  type PickleValue,
} from './pickle-value.js';
import { pytorchError, pytorchRefusal, quoted } from './pytorch-error.js';
import { isKey, rebuild } from './rebuild.js';

/** Storages by key, filled while a pickle is read. */
export type StorageTable = Map<string, PickleStorage>;

/** Values and memo entries that a pickle may make. A checkpoint of ten thousand tensors makes about a quarter million. */
const mostValues = 2 ** 21;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** A whole number from its little-endian two's complement. */
function wholeNumber(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i -= 1) value = (value << 8n) | BigInt(bytes[i]!);
  if (bytes.length > 0 && bytes[bytes.length - 1]! & 0x80) value -= 1n << BigInt(8 * bytes.length);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/**
 * Reads one pickle as PyTorch writes it (protocol 2), without running anything: names outside the list of
 * `allowedGlobal` are refused, as is every operation that PyTorch does not write.
 * @param storages The storages that the pickle refers to are added here, and checked against what is there.
 * @throws DraftError `DRAFT_PYTORCH_INVALID`, or `DRAFT_PYTORCH_REFUSED` naming what was asked for.
 */
export function unpickle(input: PickleInput, storages: StorageTable): PickleValue {
  const fault = (what: string, cause?: unknown) => pytorchError(input.path, what, cause);
  const memo = new Map<number, PickleValue>();
  const marks: PickleValue[][] = [];
  let stack: PickleValue[] = [];
  let made = 0;

  const spend = () => {
    made += 1;
    if (made > mostValues) throw fault(`its pickle makes more than ${mostValues} values`);
  };
  const push = (value: PickleValue) => {
    spend();
    stack.push(value);
  };
  const pop = (): PickleValue => {
    const value = stack.pop();
    if (value === undefined) throw fault('its pickle takes a value that is not there');
    return value;
  };
  const top = (): PickleValue => {
    const value = stack[stack.length - 1];
    if (value === undefined) throw fault('its pickle takes a value that is not there');
    return value;
  };
  const sinceMark = (): PickleValue[] => {
    const values = stack;
    const before = marks.pop();
    if (!before) throw fault('its pickle takes a mark that is not there');
    stack = before;
    return values;
  };
  const number = (count: 1 | 2 | 4): number => {
    const bytes = input.bytes(count);
    let value = 0;
    for (let i = count - 1; i >= 0; i -= 1) value = value * 256 + bytes[i]!;
    return value;
  };
  const text = (length: number): string => {
    try {
      return decoder.decode(input.bytes(length));
    } catch (cause) {
      if (cause instanceof TypeError) throw fault('its pickle holds a text that is not UTF-8', cause);
      throw cause;
    }
  };
  const line = (): string => {
    const codes: number[] = [];
    for (let code = input.byte(); code !== 0x0a; code = input.byte()) {
      if (code < 0x20 || code > 0x7e || codes.length === 512)
        throw fault('its pickle names something unreadable');
      codes.push(code);
    }
    return String.fromCharCode(...codes);
  };
  const listAt = (value: PickleValue): PickleList => {
    if (!isKind(value, 'list')) throw fault('its pickle appends to something that is no list');
    return value;
  };
  const setItems = (target: PickleValue, items: readonly PickleValue[]) => {
    if (!isKind(target, 'dict')) throw fault('its pickle sets an item of something that is no dictionary');
    if (items.length % 2 === 1) throw fault('its pickle sets a key without a value');
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i]!;
      if (!isKey(key)) throw fault('its pickle has a key that is a list or a dictionary');
      (target as PickleDict).items.set(key, items[i + 1]!);
    }
  };
  const global = () => {
    const name = `${line()}.${line()}`;
    const found = allowedGlobal(name);
    if (!found) throw pytorchRefusal(input.path, `refers to ${quoted(name)}`);
    push(found);
  };
  const call = () => {
    const args = pop();
    const callee = pop();
    if (isKind(callee, 'inert')) return push({ kind: 'inert', name: callee.name });
    if (!isKind(callee, 'global') || !isKind(args, 'tuple')) {
      throw fault('its pickle calls something that is no function');
    }
    const result = rebuild(callee, args);
    if ('fault' in result) throw fault(result.fault);
    push(result.value);
  };
  const build = () => {
    pop(); // state: the metadata of an ordered dictionary, or what an inert object would hold
    const target = top();
    if (!isKind(target, 'dict') && !isKind(target, 'inert')) {
      throw fault('its pickle gives a state to something that has none');
    }
  };
  const persistent = () => {
    const id = pop();
    const [tag, type, key, , count, view] = isKind(id, 'tuple') ? id.items : [];
    if (tag !== 'storage' || !isKind(type, 'global') || type.role.kind !== 'storage') {
      throw fault('its pickle refers to something outside that is no storage');
    }
    if (typeof key !== 'string' || typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) {
      throw fault('its pickle describes a storage without a key or a size');
    }
    if (view !== undefined && view !== null) {
      throw fault('it holds views of storages, as only very old PyTorch wrote them; save it again');
    }
    const known = storages.get(key);
    if (known && (known.type !== type.role.type || known.count !== count)) {
      throw fault(`its pickle describes storage ${quoted(key)} in two ways`);
    }
    const storage = known ?? ({ kind: 'storage', key, type: type.role.type, count } as const);
    storages.set(key, storage);
    push(storage);
  };

  for (let first = true; ; first = false) {
    const code = input.byte();
    if (first && code !== 0x80) throw fault('its pickle does not begin like one');
    switch (code) {
      case 0x80: {
        const protocol = input.byte();
        if (protocol !== 2) throw fault(`its pickle has protocol ${protocol}; PyTorch writes 2`);
        break;
      }
      case 0x63: // c
        global();
        break;
      case 0x7d: // }
        push({ kind: 'dict', items: new Map() });
        break;
      case 0x5d: // ]
        push({ kind: 'list', items: [] });
        break;
      case 0x29: // )
        push({ kind: 'tuple', items: [] });
        break;
      case 0x28: // (
        spend();
        marks.push(stack);
        stack = [];
        break;
      case 0x74: {
        // t
        const items = sinceMark();
        push({ kind: 'tuple', items });
        break;
      }
      case 0x85:
      case 0x86:
      case 0x87: {
        const items = Array.from({ length: code - 0x84 }, pop).reverse();
        push({ kind: 'tuple', items });
        break;
      }
      case 0x52: // R
      case 0x81: // NEWOBJ
        call();
        break;
      case 0x62: // b
        build();
        break;
      case 0x73: {
        // s
        const value = pop();
        const key = pop();
        setItems(top(), [key, value]);
        break;
      }
      case 0x75: {
        // u
        const items = sinceMark();
        setItems(top(), items);
        break;
      }
      case 0x61: {
        // a
        const value = pop();
        listAt(top()).items.push(value);
        break;
      }
      case 0x65: {
        // e
        const items = sinceMark();
        const list = listAt(top());
        for (const item of items) list.items.push(item);
        break;
      }
      case 0x58: // X
        push(text(number(4)));
        break;
      case 0x55: // U
        push(text(input.byte()));
        break;
      case 0x4a: // J
        push(number(4) | 0);
        break;
      case 0x4b: // K
        push(number(1));
        break;
      case 0x4d: // M
        push(number(2));
        break;
      case 0x8a: // LONG1
        push(wholeNumber(input.bytes(input.byte())));
        break;
      case 0x47: {
        // G
        const bytes = input.bytes(8);
        push(new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, false));
        break;
      }
      case 0x4e: // N
        push(null);
        break;
      case 0x88:
      case 0x89:
        push(code === 0x88);
        break;
      case 0x71: // q
      case 0x72: {
        // r
        const place = number(code === 0x71 ? 1 : 4);
        spend();
        memo.set(place, top());
        break;
      }
      case 0x68: // h
      case 0x6a: {
        // j
        const value = memo.get(number(code === 0x68 ? 1 : 4));
        if (value === undefined) throw fault('its pickle recalls something that it never remembered');
        push(value);
        break;
      }
      case 0x51: // Q
        persistent();
        break;
      case 0x2e: // .
        if (stack.length !== 1 || marks.length > 0)
          throw fault('its pickle ends with a wrong number of values');
        return stack[0]!;
      default:
        throw pytorchRefusal(
          input.path,
          `holds the pickle operation 0x${code.toString(16).padStart(2, '0')}`,
        );
    }
  }
}
