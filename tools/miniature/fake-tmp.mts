import { createRandomSource, writeSafetensors } from '@draft/core';

const r = createRandomSource(1);
writeSafetensors('/tmp/w/pre2/latents.safetensors', {
  latents: { shape: [48000, 8, 8, 8], data: new Float32Array(48000 * 512).map((_, i) => Math.sin(i * i)) },
});
