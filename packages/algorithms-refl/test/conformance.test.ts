import refl from '@draft/algorithm-refl';
import { describeAlgorithm } from '@draft/testing';
import { describe, it } from 'vitest';

describeAlgorithm(refl, { runner: { describe, it }, package: import.meta.url });
