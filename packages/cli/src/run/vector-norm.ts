/** Numbers of many tensors, taken as one vector. */
export type Vector = readonly Float32Array[];

/** `Σ_i a_i b_i`, in double precision. */
export const dot = (a: Vector, b: Vector): number => {
  let sum = 0;
  a.forEach((part, i) => {
    const other = b[i];
    for (let j = 0; j < part.length; j += 1) sum += (part[j] ?? 0) * (other?.[j] ?? 0);
  });
  return sum;
};

/** `‖a‖₂`. */
export const norm = (a: Vector): number => Math.sqrt(dot(a, a));

/** `⟨a, b⟩ / (‖a‖ ‖b‖)` within `-1..1`; null where one of them is zero. */
export const cosine = (a: Vector, b: Vector): number | null => {
  const lengths = norm(a) * norm(b);
  return lengths > 0 ? Math.max(-1, Math.min(1, dot(a, b) / lengths)) : null;
};
