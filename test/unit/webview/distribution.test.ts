import { describe, expect, it } from 'vitest';
import { gaussDensity, laplaceDensity } from '../../../webview/density';
import { describe as describeDistribution, plotOf, undrawnFit } from '../../../webview/distribution';
import { distributionTables } from '../../../webview/distributionTables';
import { histogramBins } from '../../../webview/histogramBins';
import { barHeights, outline } from '../../../webview/miniHistogram';
import { statistics } from './rows';

const fit = { location: 0.3, scale: 0.2, ks: 0, logLikelihood: 0 };

/** Midpoint rule over forty scales. */
function integral(density: (x: number) => number): number {
  const steps = 100_000;
  const width = 8 / steps;
  return Array.from({ length: steps }, (_, step) => density(-4 + (step + 0.5) * width) * width).reduce((a, b) => a + b, 0);
}

describe('densities', () => {
  it('integrate to one and have their peaks at the location', () => {
    expect(integral((x) => laplaceDensity(fit, x))).toBeCloseTo(1, 6);
    expect(integral((x) => gaussDensity(fit, x))).toBeCloseTo(1, 6);
    expect(laplaceDensity(fit, 0.3)).toBeCloseTo(1 / 0.4, 12);
    expect(gaussDensity(fit, 0.3)).toBeCloseTo(1 / (0.2 * Math.sqrt(2 * Math.PI)), 12);
  });
});

describe('histogramBins', () => {
  it('cuts the range into bins without gaps that end at its edges', () => {
    const bins = histogramBins(statistics(0, { histogram: { min: -0.1, max: 0.2, counts: [1, 2, 3] } }));
    expect(bins.map((bin) => bin.count)).toEqual([1, 2, 3]);
    expect([bins[0]?.from, bins[2]?.to]).toEqual([-0.1, 0.2]);
    expect([bins[0]?.to, bins[1]?.to]).toEqual([bins[1]?.from, bins[2]?.from]);
  });

  it('gives constant weights a bin that can be seen, and none where nothing is finite', () => {
    const [bin] = histogramBins(statistics(0, { histogram: { min: 2, max: 2, counts: [7] } }));
    expect(bin).toEqual({ from: 1.9, to: 2.1, count: 7 });
    expect(histogramBins(statistics(0, { histogram: { min: null, max: null, counts: [] } }))).toEqual([]);
  });
});

describe('plotOf', () => {
  const view = { name: 'w', granularity: null, canDrag: false, logCounts: false, showGauss: false, previous: null };

  it('scales densities to expected counts of the finite weights per bin', () => {
    const plot = plotOf({ ...view, codebook: null, statistics: statistics(0, { count: 12, nan: 1, inf: 1, laplace: fit }) });
    expect(plot.laplace?.(0.3)).toBeCloseTo(10 * 0.5 * laplaceDensity(fit, 0.3), 12);
    expect(plot.gauss).toBeNull();
  });

  it('takes in peaks of drawn densities up to a few times the height of the bars', () => {
    const weights = { count: 400, histogram: { min: -1, max: 1, counts: [100, 100, 100, 100] } };
    const laplace = { ...fit, location: 0, scale: 0.5 };
    const gauss = { ...fit, location: 0, scale: 0.35 };
    const flat = { ...view, codebook: null, statistics: statistics(0, { ...weights, laplace, gauss }) };
    expect(plotOf(flat)).toMatchObject({ highestCount: 200, leaving: [] });
    expect(plotOf({ ...flat, showGauss: true }).highestCount).toBeCloseTo(200 / (0.35 * Math.sqrt(2 * Math.PI)), 9);
    const low = { ...flat, statistics: statistics(0, { ...weights, laplace: { ...laplace, scale: 2 } }) };
    expect(plotOf(low)).toMatchObject({ highestCount: 100, leaving: [] });
  });

  it('leaves out a peak much higher than the bars, and says so', () => {
    const weights = { count: 400, histogram: { min: -100, max: 100, counts: [0, 400, 0, 0] } };
    const narrow = { ...view, codebook: null, statistics: statistics(0, { ...weights, laplace: { ...fit, scale: 0.5 } }) };
    expect(plotOf(narrow)).toMatchObject({ highestCount: 400, leaving: [{ family: 'laplace', times: 50 }] });
  });

  it('reaches a little beyond the least and the greatest of bins, levels and clip limits', () => {
    const codebook = { index: 0, levels: [-1.5, 0, 0.5], thresholds: [-0.5, 0.2], support: [-1.2, 1.7] as [number, number], channel: null };
    const [from, to] = plotOf({ ...view, codebook, statistics: statistics(0) }).domain;
    expect(from).toBeCloseTo(-1.5 - 0.02 * 3.2, 12);
    expect(to).toBeCloseTo(1.7 + 0.02 * 3.2, 12);
  });
});

describe('undrawnFit', () => {
  const view = { name: 'w', granularity: null, canDrag: false, logCounts: false, showGauss: false, codebook: null, previous: null };
  const fitted = (laplace: number, gauss: number) => statistics(0, { laplace: { ...fit, ks: laplace }, gauss: { ...fit, ks: gauss } });

  it('names the Gaussian where it is closer and not drawn', () => {
    const distribution = { ...view, statistics: fitted(0.052, 0.013) };
    expect(undrawnFit(distribution)).toBe('Gauss is closer to the weights (KS 0.013 against 0.052). Its box below draws it.');
    expect(undrawnFit({ ...distribution, showGauss: true })).toBeNull();
    expect(undrawnFit({ ...view, statistics: fitted(0.013, 0.052) })).toBeNull();
    expect(undrawnFit({ ...view, statistics: statistics(0, { laplace: null, gauss: { ...fit, ks: 0.1 } }) })).toBeNull();
  });
});

describe('the weights before the last change', () => {
  const before = { histogram: { min: -2, max: 2, counts: [8, 0] }, ks: 0.25 };
  const distribution = {
    name: 'w', granularity: null, canDrag: false, logCounts: false, showGauss: false, codebook: null, statistics: statistics(0), previous: before,
  };

  it('stand at the height they would have in bins as wide as those of now', () => {
    const { bins, ghost, domain } = plotOf(distribution);
    const width = bins[0]!.to - bins[0]!.from;
    expect(ghost.map(({ from, to, count }) => [from, to, count])).toEqual([[-2, 0, 8 * (width / 2)], [0, 2, 0]]);
    expect(domain[0]).toBeLessThan(-2);
    expect(domain[1]).toBeGreaterThan(2);
  });

  it('are said in words and have a table', () => {
    expect(describeDistribution(distribution)).toContain('Kolmogorov–Smirnov distance 0.25');
    expect(describeDistribution({ ...distribution, previous: null })).not.toContain('Before');
    expect(distributionTables(plotOf(distribution)).map(({ caption, rows }) => [caption, rows.length]))
      .toEqual([['Histogram', plotOf(distribution).bins.length], ['Before the last change', 2]]);
  });
});

describe('mini histogram', () => {
  it('averages bins into bars and scales the highest to one', () => {
    expect(barHeights([2, 2, 4, 4, 0, 0], 3)).toEqual([0.5, 1, 0]);
    expect(barHeights([1, 3], 32)).toEqual([1 / 3, 1]);
    expect(barHeights([0, 0], 2)).toEqual([0, 0]);
    expect(barHeights([], 32)).toEqual([]);
  });

  it('outlines bars from the base line, none lower than a pixel unless empty', () => {
    expect(outline([0.5, 1, 0, 0.001], 40, 10)).toBe('M0 10V5h10V0h10V10h10V9h10V10z');
  });
});
