import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openableTuning } from '../../../src/platform/openableTuning';
import { pathInPlan } from '../../../src/platform/pathInPlan';

test.each([
  ['/home/me/models/images.npy', 'images.npy'],
  ['/home/me/models/data/images.npy', 'data/images.npy'],
  ['/home/me/data/images.npy', '../data/images.npy'],
  ['/home/data/images.npy', '../../data/images.npy'],
  ['/home/me/..data/images.npy', '../..data/images.npy'],
])('%s is named %s by a plan in /home/me/models', (file, path) => expect(pathInPlan(file, '/home/me/models')).toBe(path));

test.each([
  ['more than two folders up', '/home/data/images.npy', '/home/me/work/models'],
  ['in no folder of the plan’s but the root', '/data/images.npy', '/models'],
  ['both', '/data/images.npy', '/home/me/work/models'],
])('a file that is %s is named in full', (_, file, folder) => expect(pathInPlan(file, folder)).toBe(file));

test('a file beside a plan in the root is named from there', () => {
  expect(pathInPlan('/data/images.npy', '/')).toBe('data/images.npy');
});

test('paths from the working directory are understood, as command lines give them', () => {
  expect(pathInPlan('data/images.npy', '.')).toBe('data/images.npy');
  expect(pathInPlan('images.npy', 'a/b')).toBe('../../images.npy');
  expect(pathInPlan('images.npy', 'a/b/c')).toBe(join(process.cwd(), 'images.npy'));
});

test.each(['/home/me/images.npy', '/data/images.npy'])('%s is found again by what the plan says', (inputs) => {
  const folder = '/home/me/models';
  const plan = { version: 1 as const, model: 'm.onnx', layers: {}, calibration: { inputs: pathInPlan(inputs, folder) } };
  expect(openableTuning(plan, folder).calibration).toEqual({ inputs });
});
