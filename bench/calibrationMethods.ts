/** Ways to quantize that the bench of calibration compares, as options of the command line. */
export interface Method {
  name: string;
  options: string[];
  /** All that are measured; Attention Round's random start is tried at 2 bits alone. */
  bits: number[];
  /** Measured last. */
  slow?: true;
}

const ALL_WIDTHS = [2, 3, 4];

export const METHODS: Method[] = [
  { name: 'nearest', options: [], bits: ALL_WIDTHS },
  { name: 'nearest, bias correction', options: ['--bias-correction'], bits: ALL_WIDTHS },
  { name: 'GPTQ', options: ['--rounding', 'gptq'], bits: ALL_WIDTHS },
  { name: 'GPTQ, affine grid', options: ['--rounding', 'gptq', '--grid', 'affine'], bits: ALL_WIDTHS },
  { name: 'GPTQ, Lloyd-Max levels', options: ['--rounding', 'gptq', '--method', 'lloyd-max'], bits: ALL_WIDTHS },
  { name: 'SubsetQ, nearest', options: ['--method', 'subset'], bits: ALL_WIDTHS },
  { name: 'N2UQ, mse', options: ['--method', 'n2uq', '--mode', 'mse'], bits: ALL_WIDTHS },
  { name: 'N2UQ, calibrated', options: ['--method', 'n2uq', '--mode', 'calibrated'], bits: ALL_WIDTHS },
  { name: 'Attention Round', options: ['--rounding', 'attention'], bits: ALL_WIDTHS },
  { name: 'Attention Round, random start', options: ['--rounding', 'attention-normal'], bits: [2] },
  { name: 'SubsetQ, reconstruction', options: ['--method', 'subset', '--rounding', 'reconstruction'], bits: ALL_WIDTHS, slow: true },
];

/** How widths of layers are chosen. */
export const ALLOCATORS: { name: string; options: string[] }[] = [
  { name: 'errors of weights', options: ['--by', 'sqnr'] },
  { name: 'coding length a weight', options: ['--by', 'coding-length'] },
  { name: 'coding length of layers', options: ['--by', 'coding-length', '--coding', 'total'] },
  { name: 'errors of outputs', options: ['--by', 'calibrated'] },
];

/** With what the chosen widths are quantized; each has a row of the same name in METHODS for equal widths, or none. */
export const QUANTIZERS: { name: string; options: string[] }[] = [
  { name: 'nearest', options: [] },
  { name: 'GPTQ', options: ['--rounding', 'gptq'] },
  { name: 'GPTQ, Lloyd-Max levels', options: ['--rounding', 'gptq', '--method', 'lloyd-max'] },
];

export const AVERAGES = [2.5, 3, 4];

/** What the last section judges mixed precision by, whatever the images say. */
export const JUDGED = { allocator: 'errors of outputs', quantizer: 'GPTQ' };

/** The network whose layers have most inputs, and how many samples it is calibrated on, from few to plenty. */
export const SAMPLED = 'mlp_mnist_rmsprop';
export const SAMPLES = [16, 64, 200, 512, 1024, 2048];
