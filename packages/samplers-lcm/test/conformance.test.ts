import lcm from '@draft/sampler-lcm';
import { describeSampler } from '@draft/testing';
import { describe, it } from 'vitest';

describeSampler(lcm, { runner: { describe, it }, package: import.meta.url });
