import ddpo from '@draft/algorithm-ddpo';
import { describeAlgorithm } from '@draft/testing';
import { describe, it } from 'vitest';

describeAlgorithm(ddpo, { runner: { describe, it }, package: import.meta.url });
