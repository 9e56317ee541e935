import drtune from '@draft/algorithm-drtune';
import { describeAlgorithm } from '@draft/testing';
import { describe, it } from 'vitest';

describeAlgorithm(drtune, { runner: { describe, it }, package: import.meta.url });
