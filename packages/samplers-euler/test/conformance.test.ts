import euler from '@draft/sampler-euler';
import { describeSampler } from '@draft/testing';
import { describe, it } from 'vitest';

describeSampler(euler, { runner: { describe, it }, package: import.meta.url });
