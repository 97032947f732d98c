import { expect, test } from 'vitest';
import { planPath } from '../../../src/commands/planPath';

test.each([
  ['/work/models/images.npy', 'images.npy'],
  ['/work/models/data/images.npy', 'data/images.npy'],
  ['/work/data/images.npy', '../data/images.npy'],
  ['/data/images.npy', '../../data/images.npy'],
  ['/work/..data/images.npy', '../..data/images.npy'],
])('%s is named %s by a plan in /work/models', (file, path) => expect(planPath(file, '/work/models')).toBe(path));

test('a file that is far away is named in full', () => {
  expect(planPath('/data/images.npy', '/home/me/work/models')).toBe('/data/images.npy');
});
