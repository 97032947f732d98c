import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { buildModel, laplacian, writeModel } from '../../fixtures/modelBuilder';
import { useCli } from './runCli';

/** What Node.js reaches a network by, each made to end the process; worker threads are given the same. */
const WATCH = `
  const refuse = (what) => () => { require('node:fs').writeSync(2, 'reached for the network: ' + what); process.kill(process.pid, 'SIGKILL'); };
  require('node:net').Socket.prototype.connect = refuse('net');
  require('node:dns').lookup = refuse('dns');
  require('node:dgram').Socket.prototype.send = refuse('dgram');
  globalThis.fetch = refuse('fetch');
`;

/** Where one of them is set, ONNX Runtime's native build reports nothing of itself. */
const CI_VARIABLES = [
  'CI', 'APPVEYOR', 'BUILDKITE', 'CIRCLECI', 'CODEBUILD_BUILD_ID', 'GITHUB_ACTIONS', 'GITLAB_CI', 'JENKINS_URL', 'ORT_RUNNING_UNIT_TESTS',
  'TEAMCITY_VERSION', 'TF_BUILD', 'TRAVIS',
];

const shell = useCli();
afterEach(() => void vi.unstubAllEnvs());

function watch(): void {
  writeFileSync(join(shell.folder, 'watch.cjs'), WATCH);
  vi.stubEnv('NODE_OPTIONS', `--require=${join(shell.folder, 'watch.cjs')}`);
}

test('the watch notices whoever reaches for the network', () => {
  watch();
  const attempts = ["fetch('http://127.0.0.1:9/')", "require('node:http').get('http://127.0.0.1:9/')", "require('node:net').connect(9)"];
  for (const attempt of attempts) {
    const inWorker = `new (require('node:worker_threads').Worker)(${JSON.stringify(attempt)}, { eval: true })`;
    for (const code of [attempt, inWorker]) {
      expect(spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' })).toMatchObject({ signal: 'SIGKILL', stderr: expect.stringMatching(/^reached for the network/) as string });
    }
  }
});

function writeSmallModel(): void {
  writeModel(shell.folder, 'm.onnx', buildModel({
    inputs: [{ name: 'x', dims: [1, 64] }], outputs: [{ name: 'y', dims: [1, 64] }],
    initializers: [{ name: 'w', dims: [64, 64], data: laplacian(64 * 64, 1) }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  }));
}

test('reading, quantizing, verifying and comparing reach for none', async () => {
  writeSmallModel();
  watch();
  for (const args of [['inspect', 'm.onnx'], ['quantize', 'm.onnx', '-o', 'c.onnx', '--verify'], ['compare', 'm.onnx', 'c.onnx']]) {
    expect(await shell.run(args)).toMatchObject({ code: 0, stderr: expect.not.stringContaining('network') as string });
  }
});

/** It is native code, which the watch does not see, and keeps what it will send in files. On Windows it is not used. */
test.skipIf(process.platform === 'win32')('ONNX Runtime has nothing to send', async () => {
  writeSmallModel();
  const home = join(shell.folder, 'home');
  mkdirSync(home);
  for (const name of ['HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'TMPDIR']) vi.stubEnv(name, home);
  for (const name of ['ORT_DISABLE_TELEMETRY', ...CI_VARIABLES]) vi.stubEnv(name, undefined);
  const { stdout } = await shell.run(['quantize', 'm.onnx', '-o', 'c.onnx', '--verify']);
  expect(stdout).toContain('Verified: ONNX Runtime (native)');
  expect(readdirSync(home, { recursive: true })).toEqual([]);
});
