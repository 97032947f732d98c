import type { ModelReport } from './modelReport';

const OF_WEIGHTS = 'SQNR and the other errors are those of the weights, not accuracy: activations stay float.';

const OF_OUTPUTS = 'Output SQNR is that of a layer\'s outputs on the calibration data, behind the layers before it as the copy has them. '
  + 'Quantscope\'s table has it with all other layers in float, where it is mostly higher.';

/** What to mind of the errors in a report, said wherever there is room for sentences. */
export function cautions({ layers }: Pick<ModelReport, 'layers'>): string[] {
  const hasOutputs = layers.some(({ quantized }) => quantized !== null && quantized.outputSqnrDb !== null);
  return hasOutputs ? [OF_WEIGHTS, OF_OUTPUTS] : [OF_WEIGHTS];
}
