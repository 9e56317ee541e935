import alignprop from '@draft/algorithm-alignprop';
import { describeAlgorithm } from '@draft/testing';
import { describe, it } from 'vitest';

describeAlgorithm(alignprop, { runner: { describe, it }, package: import.meta.url });
