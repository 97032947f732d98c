import * as l10n from '@vscode/l10n';
import type { MethodId } from '../core/plan/layerSettings';

const METHOD_NAMES: Record<MethodId, () => string> = {
  uniform: () => l10n.t('Uniform'),
  sptq: () => 'SPTQ',
  msptq: () => 'MSPTQ',
  'lloyd-max': () => 'Lloyd–Max',
  subset: () => 'SubsetQ',
  apot: () => 'APoT',
  pwlq: () => 'PWLQ',
  n2uq: () => 'N2UQ',
};

/** What people call the method. */
export function methodName(method: MethodId): string {
  return METHOD_NAMES[method]();
}
