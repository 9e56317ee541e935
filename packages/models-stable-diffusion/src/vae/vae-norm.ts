/** The epsilon of every group norm in an AutoencoderKL, which its configuration does not mention. */
export const vaeEpsilon = 1e-6;
