import dpg from '@draft/algorithm-dpg';
import { describeAlgorithm } from '@draft/testing';
import { describe, it } from 'vitest';

describeAlgorithm(dpg, { runner: { describe, it }, package: import.meta.url });
