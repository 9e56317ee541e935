import ddim from '@draft/sampler-ddim';
import { describeSampler } from '@draft/testing';
import { describe, it } from 'vitest';

describeSampler(ddim, { runner: { describe, it }, package: import.meta.url });
