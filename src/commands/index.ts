import { commands, type Disposable } from 'vscode';
import { reportError } from '../reportError';
import type { Services } from '../services';
import { allocateBits } from './allocateBits';
import { COMMAND_IDS, type CommandId } from './commandIds';
import { compareWith } from './compareWith';
import { copyCliCommand } from './copyCliCommand';
import { evaluate, evaluateAgain } from './evaluate';
import { exportReport } from './exportReport';
import { focusFilter } from './focusFilter';
import { keepFloat } from './keepFloat';
import { locateData } from './locateData';
import { openPlan } from './openPlan';
import { previewError } from './previewError';
import { quantizeAll } from './quantizeAll';
import { quantizeLayer } from './quantizeLayer';
import { reloadFromDisk } from './reloadFromDisk';
import { saveTensor } from './saveTensor';
import { setCalibrationData } from './setCalibrationData';
import { chooseCopyOptions } from './setCopyOptions';
import { chooseLayerBits, setLayerBits } from './setLayerBits';
import { chooseLayerMethod, setLayerMethod } from './setLayerMethod';
import { chooseLayerRounding, setLayerRounding } from './setLayerRounding';
import { showLog } from './showLog';
import { showWorstLayers } from './showWorstLayers';
import { chosenOf } from './target';
import { useBestMethod } from './useBestMethod';
import { writeQuantizedCopy } from './writeQuantizedCopy';

/** Runs a command on the active editor, or on what its argument names: a row of the page, lines of the tree, or a file. */
type Command = (services: Services, argument: unknown, selection: unknown) => Promise<void> | void;

const COMMANDS: Record<CommandId, Command> = {
  'quantscope.quantizeLayer': quantizeLayer,
  'quantscope.setLayerBits': chooseLayerBits,
  'quantscope.setLayerBits.2': setLayerBits(2),
  'quantscope.setLayerBits.3': setLayerBits(3),
  'quantscope.setLayerBits.4': setLayerBits(4),
  'quantscope.setLayerBits.5': setLayerBits(5),
  'quantscope.setLayerBits.6': setLayerBits(6),
  'quantscope.setLayerBits.7': setLayerBits(7),
  'quantscope.setLayerBits.8': setLayerBits(8),
  'quantscope.setLayerMethod': chooseLayerMethod,
  'quantscope.setLayerMethod.uniform': setLayerMethod('uniform'),
  'quantscope.setLayerMethod.sptq': setLayerMethod('sptq'),
  'quantscope.setLayerMethod.msptq': setLayerMethod('msptq'),
  'quantscope.setLayerMethod.lloyd-max': setLayerMethod('lloyd-max'),
  'quantscope.setLayerMethod.subset': setLayerMethod('subset'),
  'quantscope.setLayerMethod.apot': setLayerMethod('apot'),
  'quantscope.setLayerMethod.pwlq': setLayerMethod('pwlq'),
  'quantscope.setLayerMethod.n2uq': setLayerMethod('n2uq'),
  'quantscope.setLayerRounding': chooseLayerRounding,
  'quantscope.setLayerRounding.nearest': setLayerRounding('nearest'),
  'quantscope.setLayerRounding.gptq': setLayerRounding('gptq'),
  'quantscope.setLayerRounding.attention': setLayerRounding('attention'),
  'quantscope.setLayerRounding.attention-normal': setLayerRounding('attention-normal'),
  'quantscope.setLayerRounding.reconstruction': setLayerRounding('reconstruction'),
  'quantscope.useBestMethod': useBestMethod,
  'quantscope.keepFloat': keepFloat,
  'quantscope.previewError': previewError,
  'quantscope.quantizeAll': quantizeAll,
  'quantscope.allocateBits': allocateBits,
  'quantscope.setCalibrationData': setCalibrationData,
  'quantscope.setCopyOptions': chooseCopyOptions,
  'quantscope.writeQuantizedCopy': writeQuantizedCopy,
  'quantscope.exportReport': exportReport,
  'quantscope.compareWith': compareWith,
  'quantscope.evaluate': evaluate,
  'quantscope.evaluateAgain': evaluateAgain,
  'quantscope.showWorstLayers': showWorstLayers,
  'quantscope.copyCliCommand': copyCliCommand,
  'quantscope.saveTensor': saveTensor,
  'quantscope.locateData': locateData,
  'quantscope.reloadFromDisk': reloadFromDisk,
  'quantscope.openPlan': openPlan,
  'quantscope.focusFilter': focusFilter,
  'quantscope.showLog': showLog,
};

export function registerCommands(services: Services): Disposable[] {
  return COMMAND_IDS.map((id) => commands.registerCommand(id, async (argument: unknown, selection: unknown) => {
    try {
      await COMMANDS[id](services, chosenOf(argument, selection), selection);
    } catch (error) {
      reportError(services.log, error);
    }
  }));
}
