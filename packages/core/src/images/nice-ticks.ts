/** Round numbers for an axis. */
export interface Ticks {
  /** Ascending; the first is at most the minimum, the last at least the maximum. */
  readonly values: readonly number[];
  readonly labels: readonly string[];
}

/** About `count` multiples of 1, 2 or 5 times a power of ten that enclose `minimum..maximum`. */
export function niceTicks(minimum: number, maximum: number, count: number): Ticks {
  const size = Math.max(Math.abs(minimum), Math.abs(maximum));
  // A range of nothing, or of less than floating point can show, becomes one around it.
  const flat = maximum - minimum <= Math.max(1e-300, 1e-9 * size);
  const pad = flat ? (size < 1e-300 ? 1 : size / 10) : 0;
  const [low, high] = [minimum - pad, maximum + pad];
  const power = 10 ** Math.floor(Math.log10((high - low) / count));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((s) => (high - low) / s <= count)!;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const values = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const largest = Math.max(Math.abs(first), Math.abs(last)) * step;
  const labels = values.map((value) => {
    const plain = decimals <= 5 && largest < 1e6;
    const text = plain ? value.toFixed(decimals) : Number(value.toPrecision(4)).toExponential();
    const grouped = plain && largest >= 1e4 ? text.replace(/(?<=\d)(?=(\d{3})+$)/g, '\u2009') : text;
    return grouped
      .replace(/^-(?=[0.]*$)/, '')
      .replace(/-/g, '−')
      .replace('e+', 'e');
  });
  return { values, labels };
}
