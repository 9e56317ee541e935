/** Writes protocol buffer messages field by field: the few wire types that a graph needs. */
export interface MessageWriter {
  varint(field: number, value: number | bigint): MessageWriter;
  float(field: number, value: number): MessageWriter;
  bytes(field: number, value: Uint8Array): MessageWriter;
  text(field: number, value: string): MessageWriter;
  message(field: number, value: MessageWriter): MessageWriter;
  /** The whole message. */
  finish(): Uint8Array;
}

const encoder = new TextEncoder();

/** Starts an empty message. */
export const createMessage = (): MessageWriter => {
  const parts: Uint8Array[] = [];
  let size = 0;
  const push = (part: Uint8Array) => {
    parts.push(part);
    size += part.length;
  };
  const number = (value: number | bigint) => {
    const out: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      out.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    out.push(Number(rest));
    push(Uint8Array.from(out));
  };
  const writer: MessageWriter = {
    varint(field, value) {
      number(field * 8);
      number(value);
      return writer;
    },
    float(field, value) {
      number(field * 8 + 5);
      push(new Uint8Array(Float32Array.of(value).buffer));
      return writer;
    },
    bytes(field, value) {
      number(field * 8 + 2);
      number(value.length);
      push(value);
      return writer;
    },
    text: (field, value) => writer.bytes(field, encoder.encode(value)),
    message: (field, value) => writer.bytes(field, value.finish()),
    finish() {
      const whole = new Uint8Array(size);
      let at = 0;
      for (const part of parts) {
        whole.set(part, at);
        at += part.length;
      }
      return whole;
    },
  };
  return writer;
};
