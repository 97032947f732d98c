import { commands, type Disposable } from 'vscode';
import { reportError } from '../reportError';
import type { Services } from '../services';
import { COMMAND_IDS, type CommandId } from './commandIds';
import { exportReport } from './exportReport';
import { focusFilter } from './focusFilter';
import { keepFloat } from './keepFloat';
import { openPlan } from './openPlan';
import { previewError } from './previewError';
import { quantizeAll } from './quantizeAll';
import { quantizeLayer } from './quantizeLayer';
import { reloadFromDisk } from './reloadFromDisk';
import { chooseLayerBits, setLayerBits } from './setLayerBits';
import { showLog } from './showLog';
import { writeQuantizedCopy } from './writeQuantizedCopy';

/** Runs a command on the active editor, or on what its first argument names: a row of the page or a file. */
type Command = (services: Services, argument: unknown) => Promise<void> | void;

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
  'quantscope.keepFloat': keepFloat,
  'quantscope.previewError': previewError,
  'quantscope.quantizeAll': quantizeAll,
  'quantscope.writeQuantizedCopy': writeQuantizedCopy,
  'quantscope.exportReport': exportReport,
  'quantscope.reloadFromDisk': reloadFromDisk,
  'quantscope.openPlan': openPlan,
  'quantscope.focusFilter': focusFilter,
  'quantscope.showLog': showLog,
};

export function registerCommands(services: Services): Disposable[] {
  return COMMAND_IDS.map((id) => commands.registerCommand(id, async (argument: unknown) => {
    try {
      await COMMANDS[id](services, argument);
    } catch (error) {
      reportError(services.log, error);
    }
  }));
}
