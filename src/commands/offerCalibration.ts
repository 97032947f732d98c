import * as l10n from '@vscode/l10n';
import { commands, type Uri } from 'vscode';
import { notifications } from '../notifications';

/** Says that what was chosen needs calibration data: a copy cannot be written until there is some. */
export function offerCalibration(model: Uri, chosen: string): void {
  const set = l10n.t('Set Calibration Data…');
  void notifications
    .showInformationMessage(l10n.t('{0} chooses codes by what a layer is multiplied by, and needs calibration data.', chosen), set)
    .then((choice) => (choice === set ? commands.executeCommand('quantscope.setCalibrationData', model) : undefined));
}
