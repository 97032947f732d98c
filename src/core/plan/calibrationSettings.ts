import type { Granularity, LayerSettings, RoundingId } from './layerSettings';

/** Whether a layer so quantized needs the inputs that it is multiplied by. */
export function needsCalibration({ rounding, mode }: LayerSettings): boolean {
  return rounding !== 'nearest' || mode === 'calibrated';
}

/** The setting because of which a layer needs them. */
export function calibratedSetting({ rounding }: LayerSettings): { setting: 'mode' | 'rounding'; value: string } {
  return rounding === 'nearest' ? { setting: 'mode', value: 'calibrated' } : { setting: 'rounding', value: rounding };
}

/** How codes are chosen: N2UQ's calibrated mode is a way of its own. */
export function codesChosenBy({ rounding, mode }: LayerSettings): RoundingId | 'calibrated' {
  return mode === 'calibrated' ? mode : rounding;
}

/** The same without calibration, for a layer whose inputs cannot be had. */
export function uncalibrated({ mode, ...settings }: LayerSettings): LayerSettings {
  return { ...settings, ...(mode && { mode: mode === 'calibrated' ? 'mse' : mode }), rounding: 'nearest' };
}

/** Whether calibration chooses levels of each output channel, too, and not codes alone. */
export function calibratesLevels({ mode, rounding }: LayerSettings): boolean {
  return rounding === 'reconstruction' || mode === 'calibrated';
}

/** What shares a codebook in a copy. */
export function storedGranularity(settings: LayerSettings): Granularity {
  return calibratesLevels(settings) ? 'channel' : settings.granularity;
}
