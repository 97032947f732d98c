import { expect, test } from 'vitest';
import { parseTarget } from '../../../src/protocol/allocationTarget';

test.each([
  ['averageBits', '4', { averageBits: 4 }],
  ['averageBits', ' 4,5 bits ', { averageBits: 4.5 }],
  ['averageBits', '.5', { averageBits: 0.5 }],
  ['averageBits', '0', null],
  ['averageBits', '-3', null],
  ['averageBits', '4 KB', null],
  ['averageBits', '', null],
  ['minSqnrDb', '20 dB', { minSqnrDb: 20 }],
  ['minSqnrDb', 'twenty', null],
  ['maxBytes', '304 KB', { maxBytes: 311_296 }],
  ['maxBytes', '1.2MB', { maxBytes: 1_258_291 }],
  ['maxBytes', '5000', { maxBytes: 5000 }],
  ['maxBytes', '5000 B', { maxBytes: 5000 }],
  ['maxBytes', '40KB', { maxBytes: 40_960 }],
  ['maxBytes', '1e5', { maxBytes: 100_000 }],
  ['maxBytes', '20%', { maxShare: 0.2 }],
  ['maxBytes', ' 12,5 % ', { maxShare: 0.125 }],
  ['maxBytes', '0 %', null],
  ['averageBits', '20 %', null],
  ['maxBytes', '0.2', null],
  ['maxBytes', '3 dB', null],
  ['maxBytes', '3 constructor', null],
] as const)('%s of "%s"', (kind, text, target) => expect(parseTarget(kind, text)).toEqual(target));
