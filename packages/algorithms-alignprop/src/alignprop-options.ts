import { z } from 'zod';

/** Options of AlignProp: it has none. */
export const alignpropOptions = z.strictObject({});

/** Options of AlignProp. */
export type AlignpropOptions = z.output<typeof alignpropOptions>;
