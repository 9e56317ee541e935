import dpmpp from '@draft/sampler-dpmpp';
import { describeSampler } from '@draft/testing';
import { describe, it } from 'vitest';

describeSampler(dpmpp, { runner: { describe, it }, package: import.meta.url });
