import draft from '@draft/algorithm-draft';
import { describeAlgorithm } from '@draft/testing';
import { describe, it } from 'vitest';

describeAlgorithm(draft, { runner: { describe, it }, package: import.meta.url });
