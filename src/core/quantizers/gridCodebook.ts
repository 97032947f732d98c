import type { Codebook, UniformGrid } from './codebook';

/**
 * The codebook of a grid: levels, and thresholds midway between them, when they are asked for. Groups may be smaller than
 * the grid, and mostly its numbers will do. Plain numbers, as small typed arrays cost more to have than to use.
 */
export class GridCodebook implements Codebook {
  readonly uniform: UniformGrid;
  readonly support: [number, number];
  #levels: number[] | undefined;
  #thresholds: number[] | undefined;

  constructor(uniform: UniformGrid, support: [number, number]) {
    this.uniform = uniform;
    this.support = support;
  }

  get levels(): number[] {
    return (this.#levels ??= placesOn(this.uniform, this.uniform.count, 0));
  }

  get thresholds(): number[] {
    return (this.#thresholds ??= placesOn(this.uniform, this.uniform.count - 1, 0.5));
  }
}

function placesOn({ offset, scale, zeroPoint }: UniformGrid, count: number, first: number): number[] {
  const places: number[] = [];
  for (let k = 0; k < count; k++) places.push(offset + scale * (k + first - zeroPoint));
  return places;
}
