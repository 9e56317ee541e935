import ddpm from '@draft/sampler-ddpm';
import { describeSampler } from '@draft/testing';
import { describe, it } from 'vitest';

describeSampler(ddpm, { runner: { describe, it }, package: import.meta.url });
