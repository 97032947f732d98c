import { describe, expect, it } from 'vitest';
import { formatBytes } from '../../../src/protocol/byteSize';

describe('formatBytes', () => {
  it.each([
    [0, '0 B'], [832, '832 B'], [1023, '1023 B'], [1024, '1.0 KB'], [9.95 * 1024, '10 KB'], [311296, '304 KB'],
    [1024 ** 2 - 1, '1.0 MB'], [1.26 * 1024 ** 2, '1.3 MB'], [4.3 * 1024 ** 3, '4.3 GB'], [5000 * 1024 ** 4, '5000 TB'],
  ])('%d is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
