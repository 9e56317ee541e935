import { describeReward } from '@draft/testing';
import { describe, it } from 'vitest';
import compressibility from '../src/compressibility.js';
import incompressibility from '../src/incompressibility.js';
import { jpegFileSize } from '../src/jpeg-file-size.js';

const settings = { runner: { describe, it }, package: import.meta.url };

describeReward(compressibility, settings);
describeReward(incompressibility, settings);
describeReward(jpegFileSize, settings);
describeReward(compressibility, { ...settings, options: { distance: 'euclidean' }, label: 'Euclidean' });
