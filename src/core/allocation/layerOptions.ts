import type { BitWidth } from '../plan/layerSettings';
import type { WidthOption } from './chooseWidths';

/** What a layer takes and loses at one width; at `float` it stays as it is. */
export interface LayerOption {
  bits: BitWidth | 'float';
  /** Bits of its codes, or of its weights in float. */
  weightBits: number;
  /** On disk, but for tables that layers share. */
  bytes: number;
  /** Σ(w − w_q)² / Σw²; where calibration data decides, the same of the layer's outputs on it. */
  noise: number;
}

/** A layer that is to be given a width. */
export interface LayerOptions {
  layer: number;
  /** By rising width; the last one is float. */
  options: LayerOption[];
  /** Widths of its method that are no options, as the layer takes no less at them: where they are asked for, it stays in float. */
  notSmaller?: readonly BitWidth[];
  /** Bits its weights take coded up to a given error; needed by `coding-length` alone. */
  codingLength?: number;
}

/** A layer's chosen width. */
export interface LayerWidth {
  layer: number;
  bits: LayerOption['bits'];
}

/** The layers with their coding lengths, in the same order. */
export function withCodingLengths(layers: readonly LayerOptions[], lengths: readonly number[]): LayerOptions[] {
  return layers.map((layer, i) => ({ ...layer, codingLength: lengths[i]! }));
}

/** What a layer's choice is made from: its widths, and float where one of its method's comes to that. */
export function openOptions({ options, notSmaller = [] }: LayerOptions): LayerOption[] {
  return notSmaller.length > 0 || options.length === 1 ? options : options.slice(0, -1);
}

/** `openOptions` of all layers, with what they cost in that unit. */
export function openChoices(layers: readonly LayerOptions[], unit: 'weightBits' | 'bytes'): WidthOption[][] {
  return layers.map((layer) => openOptions(layer).map((option): WidthOption => ({ cost: option[unit], error: option.noise })));
}

/** What a plan of that width gives the layer: of the widths it has the widest that is no wider, else the narrowest. */
export function nearestOption({ options, notSmaller = [] }: LayerOptions, bits: BitWidth): number {
  if (notSmaller.includes(bits)) return options.length - 1;
  const fitting = options.filter((option) => option.bits !== 'float' && option.bits <= bits);
  return Math.max(fitting.length - 1, 0);
}

/** Without the widths that a copy was to have and does not: where it leaves a layer in float, that takes no less. */
export function withoutWidths(layers: readonly LayerOptions[], chosen: readonly LayerWidth[], copied: readonly LayerWidth[]): LayerOptions[] {
  return layers.map((layer, i) => {
    const { bits } = chosen[i]!;
    if (bits === 'float' || bits === copied[i]!.bits) return layer;
    const { options, notSmaller = [] } = layer;
    return { ...layer, options: options.filter((option) => option.bits !== bits), notSmaller: [...notSmaller, bits] };
  });
}

/** For each layer the number of the option that has its width. */
export function optionsOf(layers: readonly LayerOptions[], widths: readonly LayerWidth[]): number[] {
  return layers.map(({ options }, i) => options.findIndex(({ bits }) => bits === widths[i]!.bits));
}

/** Sum over layers of noise relative to the signal. */
export function noiseOf(layers: readonly LayerOptions[], widths: readonly LayerWidth[]): number {
  return optionsOf(layers, widths).reduce((sum, option, i) => sum + layers[i]!.options[option]!.noise, 0);
}
