import { type ConfigFields, configFields, readStatistics, readTriple } from '@draft/model-clip';
import { type ClassifierInput, usualInput } from './classifier-input.js';

const isSides = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** A size as transformers writes it: a number, or an object with sides. */
function sidesOf(
  fields: ConfigFields,
  field: string,
): { readonly shortest?: number; readonly square?: number } {
  const value = fields.raw(field) ?? usualInput.size;
  if (typeof value === 'number') return { shortest: fields.integer(field, value) };
  const sides = configFields(isSides(value) ? value : {}, `preprocessor_config.json's ${field}`);
  if (sides.raw('shortest_edge') !== undefined) return { shortest: sides.integer('shortest_edge', 0) };
  const square = sides.integer('height', 0);
  if (sides.integer('width', 0) !== square) fields.fail('UNSUPPORTED', field, 'only squares can be read');
  return { square };
}

/**
 * Reads the `preprocessor_config.json` of a classifier of transformers. Where only a short side is given, it is that
 * of ConvNext's processor, ResNet's own: below 384 pixels the short side becomes `size / crop_pct` and the middle is
 * taken, from there on the picture is stretched.
 * @throws DraftError `DRAFT_CONFIG_INVALID` or `DRAFT_CONFIG_UNSUPPORTED`, naming the field and its value.
 */
export function parseProcessor(json: unknown): ClassifierInput {
  const fields = configFields(json, "classifier's preprocessor_config.json");
  const resample = fields.raw('resample') ?? 3;
  if (resample !== 2 && resample !== 3) {
    fields.fail('UNSUPPORTED', 'resample', 'only 2 (bilinear) and 3 (bicubic) can be run');
  }
  const common = {
    kernel: resample === 2 ? 'bilinear' : 'bicubic',
    statistics: readStatistics(fields, { mean: 'image_mean', deviation: 'image_std' }, usualInput.statistics),
  } as const;
  const at = (size: number, shortSide: number, fit: 'crop' | 'stretch'): ClassifierInput => ({
    ...common,
    size,
    fit,
    crop: { shortSide, rounding: 'down' },
  });
  const { shortest, square } = sidesOf(fields, 'size');
  if (square !== undefined) return at(square, square, 'stretch');
  const size = shortest!;
  if (fields.raw('crop_size') !== undefined && fields.raw('crop_size') !== null) {
    const crop = sidesOf(fields, 'crop_size');
    const side = crop.square ?? crop.shortest!;
    if (side > size) fields.fail('UNSUPPORTED', 'crop_size', `it must not be above the short side ${size}`);
    return at(side, size, 'crop');
  }
  if (size >= 384) return at(size, size, 'stretch');
  const share = fields.positive('crop_pct', 224 / 256);
  if (share > 1) fields.fail('INVALID', 'crop_pct', 'it must not be above 1');
  return at(size, Math.floor(size / share), 'crop');
}

/**
 * Reads how timm's `config.json` wants pictures: `pretrained_cfg`'s `input_size`, `crop_pct`, `interpolation`, `mean`
 * and `std`, with timm's defaults.
 * @throws DraftError `DRAFT_CONFIG_INVALID` or `DRAFT_CONFIG_UNSUPPORTED`, naming the field and its value.
 */
export function parseTimmInput(json: unknown): ClassifierInput {
  const fields = configFields(json, "classifier's pretrained_cfg");
  const [, height, width] = readTriple(fields, 'input_size', [3, usualInput.size, usualInput.size]);
  if (height !== width || !Number.isSafeInteger(height) || height < 1) {
    fields.fail('UNSUPPORTED', 'input_size', 'only squares of whole pixels can be read');
  }
  const kernel = fields.raw('interpolation') ?? 'bicubic';
  if (kernel !== 'bilinear' && kernel !== 'bicubic') {
    return fields.fail('UNSUPPORTED', 'interpolation', 'only "bilinear" and "bicubic" can be run');
  }
  if ((fields.raw('crop_mode') ?? 'center') !== 'center') {
    fields.fail('UNSUPPORTED', 'crop_mode', 'only "center" can be run');
  }
  const share = fields.positive('crop_pct', 0.875);
  if (share > 1) fields.fail('UNSUPPORTED', 'crop_pct', 'it must not be above 1');
  return {
    size: height,
    kernel,
    fit: 'crop',
    crop: { shortSide: Math.floor(height / share), rounding: 'even' },
    statistics: readStatistics(fields, { mean: 'mean', deviation: 'std' }, usualInput.statistics),
  };
}
