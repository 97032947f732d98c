import type { RuntimeValue } from '../runtime';

/** Whether a model leaves a dimension to its inputs. */
export function isOpen(dim: number | string | undefined): boolean {
  return typeof dim !== 'number' || dim < 0;
}

/** Dimensions as people read them, open ones by their names. */
export function shapeText(shape: RuntimeValue['shape']): string {
  return shape.map((dim) => (isOpen(dim) ? (dim || '?') : String(dim))).join('x');
}
