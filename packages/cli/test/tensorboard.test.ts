import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from '../src/tensorboard/crc32c.js';
import { openEventFile } from '../src/tensorboard/event-file.js';
import { eventMessage } from '../src/tensorboard/event-message.js';

const ascii = (text: string) => new TextEncoder().encode(text);

describe('crc32c', () => {
  it('has the values of RFC 3720, B.4', () => {
    expect(crc32c(ascii('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  });
});

describe('eventMessage', () => {
  it('is the message that protobuf makes of it', () => {
    // Event(wall_time=1.5, step=300, summary=Summary(value=[Value(tag='a', simple_value=0.5)])) of protoc.
    const bytes = eventMessage({ wallTime: 1.5, step: 300, scalars: { a: 0.5 } });
    expect(Buffer.from(bytes).toString('hex')).toBe('09000000000000f83f10ac022a0a0a080a0161150000003f');
    const start = eventMessage({ wallTime: 1.5, step: 2, starts: true });
    expect(Buffer.from(start).toString('hex')).toBe('09000000000000f83f10023a020801');
  });
});

describe('openEventFile', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'draft-events-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('writes records that are whole by their checksums', () => {
    const folder = join(root, 'tensorboard');
    let now = 1_000_000;
    const file = openEventFile(folder, 7, () => now);
    now += 500;
    file.add({ step: 7, scalars: { reward: 2 }, images: { a: { png: ascii('png'), width: 1, height: 2 } } });
    file.close();
    file.close();
    const [name = ''] = readdirSync(folder);
    expect(name).toMatch(/^events\.out\.tfevents\.1000000\./);
    const bytes = readFileSync(join(folder, name));
    const records: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const length = Number(bytes.readBigUInt64LE(at));
      expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)));
      const content = bytes.subarray(at + 12, at + 12 + length);
      expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(content));
      records.push(content);
      at += length + 16;
    }
    expect(records).toHaveLength(3);
    expect(records[0]?.includes('brain.Event:2')).toBe(true);
    expect(records[2]?.readDoubleLE(1)).toBe(1000.5);
  });
});
