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
  for (const objection of verdicts([path]).values()) if (objection !== null) throw new Error(objection);
}

/** `check_model` of a path with `full_check` writes the shapes it infers into that file: here they go nowhere. */
const CHECK = `
import json, onnx, onnx.shape_inference, os, sys
def objection(path):
    try:
        onnx.checker.check_model(path)
        onnx.shape_inference.infer_shapes_path(path, os.devnull, check_type=True, strict_mode=True)
    except Exception as error:
        return str(error) or type(error).__name__
print(json.dumps([objection(path) for path in json.load(sys.stdin)]))
`;

/** What onnx.checker has against each of the model files, null where that is nothing; the files are only read. One process judges all. */
export function verdicts(paths: string[]): Map<string, string | null> {
  const printed = execFileSync(PYTHON, ['-c', CHECK], { input: JSON.stringify(paths), stdio: ['pipe', 'pipe', 'ignore'] });
  const objections = JSON.parse(printed.toString()) as (string | null)[];
  return new Map(paths.map((path, i) => [path, objections[i]!]));
}
