import symmetry from '@draft/reward-symmetry';
import { describeReward } from '@draft/testing';
import { describe, it } from 'vitest';

const runner = { describe, it };

describeReward(symmetry, { runner, package: import.meta.url });
describeReward(symmetry, { runner, options: { axis: 'both' }, label: 'both axes' });
