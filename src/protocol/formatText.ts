import * as l10n from '@vscode/l10n';
import type { CopyFormat, FormatObstacle } from '../core/encodings/copyFormat';
import { formatBytes } from './byteSize';
import type { QuantizeReport } from './coreService';

/** What a format is, in one line. */
export function formatSummary(format: CopyFormat): string {
  return TEXTS[format]().summary;
}

/** Bytes of weights stored exactly from which ONNX Runtime takes ten seconds and more to unpack them, and gigabytes of memory. */
const SLOW_TO_UNPACK = 1e9;

/** What a copy costs whoever runs it; null where it costs nothing to speak of. */
export function copyCaveat({ format, size }: Pick<QuantizeReport, 'format' | 'size'>): string | null {
  const caveats = size.layers.some((layer) => layer.format === format) ? TEXTS[format]().caveats : [];
  const unpacked = size.layers.filter((layer) => layer.format === 'exact').reduce((sum, { bytesBefore }) => sum + bytesBefore, 0);
  const all = unpacked < SLOW_TO_UNPACK ? caveats : [...caveats, l10n.t(
    'ONNX Runtime unpacks {0} of weights each time it loads the copy: that takes several times the time and the memory of loading them in float.',
    formatBytes(unpacked),
  )];
  return all.length > 0 ? all.join(' ') : null;
}

/** Why a layer is stored exactly instead. */
export function formatObstacleText(obstacle: FormatObstacle): string {
  return OBSTACLES[obstacle]();
}

const TEXTS: Record<CopyFormat, () => { summary: string; caveats: string[] }> = {
  exact: () => ({
    summary: l10n.t('codes as small as they get, unpacked on load by plain operators: exact, as fast as float, any ONNX Runtime'),
    caveats: [],
  }),
  fast: () => ({
    summary: l10n.t('matrix products compute on codes: for native ONNX Runtime; rounds activations to 8 bits'),
    caveats: [
      l10n.t('Made for native ONNX Runtime: in WebAssembly the copy is many times slower than in float.'),
      l10n.t('Its matrix products round activations to 8 bits, so outputs differ slightly from those of the weights shown.'),
    ],
  }),
  qdq: () => ({
    summary: l10n.t('DequantizeLinear, for its readers; in ONNX Runtime slower, and may round activations to 8 bits'),
    caveats: [
      l10n.t('Made for readers of DequantizeLinear: ONNX Runtime unpacks such weights anew in every run, which is slower.'),
      l10n.t('Before MatMul and Gemm it may round activations to 8 bits: outputs differ slightly from those of the weights shown.'),
    ],
  }),
};

const OBSTACLES: Record<FormatObstacle, () => string> = {
  'not-a-product': () => l10n.t('it is not the right operand of plain matrix products (MatMul, Gemm) alone'),
  'not-float32': () => l10n.t('its type is not float32'),
  'in-function': () => l10n.t('it is in a model-local function'),
  'levels-of-its-own': () => l10n.t('its levels are not whole numbers times a scale'),
  'too-many-levels': () => l10n.t('its levels take more than 8 bits as whole numbers'),
  mean: () => l10n.t('its levels are shifted by a mean'),
  groups: () => l10n.t('its scales lie neither along one axis nor in blocks of one'),
  'opset-too-old': () => l10n.t('the model\'s opset is too old for it: one scale a tensor takes 10, one a channel 13, blocks 21'),
};
