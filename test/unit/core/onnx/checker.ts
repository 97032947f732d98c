import { execFileSync } from 'node:child_process';

const PYTHON = '/usr/bin/python3';

/** Whether the onnx package of Python is there. */
export function hasChecker(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import onnx.checker'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Throws what onnx.checker has against a model file. */
export function checkModel(path: string): void {
  execFileSync(PYTHON, ['-c', `import onnx; onnx.checker.check_model(${JSON.stringify(path)}, full_check=True)`]);
}
