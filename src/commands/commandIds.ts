/** Every command of the extension: those that `package.json` declares, no more and no fewer. */
export const COMMAND_IDS = [
  'quantscope.quantizeLayer',
  'quantscope.setLayerBits',
  'quantscope.setLayerBits.2',
  'quantscope.setLayerBits.3',
  'quantscope.setLayerBits.4',
  'quantscope.setLayerBits.5',
  'quantscope.setLayerBits.6',
  'quantscope.setLayerBits.7',
  'quantscope.setLayerBits.8',
  'quantscope.keepFloat',
  'quantscope.previewError',
  'quantscope.quantizeAll',
  'quantscope.writeQuantizedCopy',
  'quantscope.exportReport',
  'quantscope.reloadFromDisk',
  'quantscope.openPlan',
  'quantscope.focusFilter',
  'quantscope.showLog',
] as const;

export type CommandId = (typeof COMMAND_IDS)[number];
