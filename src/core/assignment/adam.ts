/** Kingma and Ba 2015, with their decay rates. */
export const BETA1 = 0.9;
export const BETA2 = 0.999;

/**
 * Rates of Adam by iteration that fall from `rate` to 0 along a cosine, with the bias corrections in them, so that a step is
 * −rate[t] · m / √v. Adam's ε is left out: it has the unit of a gradient, and these have those of weights and inputs.
 */
export function cosineRates(rate: number, iterations: number): Float64Array {
  return Float64Array.from({ length: iterations }, (_, t) => {
    const correction = Math.sqrt(1 - BETA2 ** (t + 1)) / (1 - BETA1 ** (t + 1));
    return rate * 0.5 * (1 + Math.cos((Math.PI * t) / iterations)) * correction;
  });
}
