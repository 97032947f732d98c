import { expect, test } from 'vitest';
import { fileStem } from '../../../src/editor/chartFileName';

test('a chart of any layer has the name of a file, in one folder', () => {
  expect(fileStem('Distribution of conv1.weight')).toBe('distribution-of-conv1.weight');
  expect(fileStem('../../etc/passwd')).toBe('etc-passwd');
  expect(fileStem('Errors of <b>:*?"|\\ü')).toBe('errors-of-b-ü');
  expect(fileStem('///')).toBe('chart');
  expect(fileStem('x'.repeat(500))).toHaveLength(100);
});
