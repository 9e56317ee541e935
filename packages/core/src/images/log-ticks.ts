import type { Ticks } from './nice-ticks.js';

const plain = (value: number): string => {
  if (value >= 1e7 || value < 1e-4) return value.toExponential().replace('e+', 'e').replace('-', '−');
  const text = String(Number(value.toPrecision(1)));
  return value >= 1e4 ? text.replace(/(?<=\d)(?=(\d{3})+$)/g, '\u2009') : text;
};

/**
 * Round numbers for a logarithmic axis, those within `minimum..maximum` alone: powers of ten, and twice and five times
 * of them where the range is short.
 * @param minimum More than 0.
 */
export function logTicks(minimum: number, maximum: number): Ticks {
  const decades = Math.log10(maximum / minimum);
  const factors = decades > 3 ? [1] : decades > 1.5 ? [1, 3] : [1, 2, 5];
  const values: number[] = [];
  for (let power = Math.floor(Math.log10(minimum)); power <= Math.log10(maximum); power++) {
    for (const factor of factors) {
      const value = Number(`${factor}e${power}`);
      if (value >= minimum * (1 - 1e-9) && value <= maximum * (1 + 1e-9)) values.push(value);
    }
  }
  return { values, labels: values.map(plain) };
}
