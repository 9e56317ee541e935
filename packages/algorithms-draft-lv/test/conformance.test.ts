import draftLv from '@draft/algorithm-draft-lv';
import { describeAlgorithm } from '@draft/testing';
import { describe, it } from 'vitest';

describeAlgorithm(draftLv, { runner: { describe, it }, package: import.meta.url });
