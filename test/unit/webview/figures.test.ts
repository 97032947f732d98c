import { describe, expect, it } from 'vitest';
import { figureGroups } from '../../../webview/figures';
import { cautionText, fitText, fixedBitsText, methodText, sizeText, sqnrText, stayText } from '../../../webview/rowText';
import { statistics, tableRow } from './rows';

const fit = (ks: number) => ({ location: 0.01, scale: 0.1, ks, logLikelihood: 12.5 });

describe('figureGroups', () => {
  const row = {
    ...tableRow(0, { bits: 4, sqnrDb: 18.44 }),
    statistics: statistics(0, { std: 1 / 3, mean: null, quantiles: { '0.9': 2, '0.01': 1 }, laplace: fit(0.02), gauss: fit(0.05) }),
  };
  const figures = new Map(figureGroups(row).flatMap((group) => group.figures).map((figure) => [figure.key, figure]));

  it('keeps full precision beside the text', () => {
    expect(figures.get('std')).toMatchObject({ value: 1 / 3, text: '0.3333' });
    expect(figures.get('mean')).toMatchObject({ value: null, text: '—' });
    expect(figures.get('sqnrDb')).toMatchObject({ value: 18.44, text: '18.4 dB' });
  });

  it('names both fits as the command line does', () => {
    expect(figures.get('laplace.scale')?.value).toBe(0.1);
    expect([figures.get('gauss.mean')?.value, figures.get('gauss.std')?.value]).toEqual([0.01, 0.1]);
  });

  it('has the quantiles in ascending order', () => {
    expect([...figures.keys()].filter((key) => key.startsWith('quantiles'))).toEqual(['quantiles.0.01', 'quantiles.0.9']);
  });

  it.each([
    [0.02, 'tensor', false], [0.05, 'tensor', false], [0.051, 'tensor', true], [0.051, 'channel', false],
  ] as const)('explains the prediction and mutes it where it is of a poor Laplace fit: %d per %s', (ks, granularity, muted) => {
    const known = { ...row, statistics: statistics(0, { laplace: fit(ks) }), plan: row.plan && { ...row.plan, granularity, predictedSqnrDb: 17.3 } };
    const [group] = figureGroups(known);
    expect(group?.figures.find(({ key }) => key === 'predictedSqnrDb')).toMatchObject({ text: '17.3 dB', muted });
    expect(group?.explanation).toContain(muted ? 'poor' : 'thinner tails');
  });

  it('explains no prediction where there is none', () => {
    expect(figureGroups(row)[0]).not.toHaveProperty('explanation');
  });

  it('does not pretend that a layer is quantized which stays as it is', () => {
    const titles = figureGroups({ ...row, plan: row.plan && { ...row.plan, note: 'it would not get smaller' } }).map(({ title }) => title);
    expect(titles).toEqual(['Weights', 'Quantiles', 'Laplace fit', 'Gauss fit']);
  });

  it('says nothing of quantization in float, and nothing of weights not read yet', () => {
    expect(figureGroups(tableRow(0))).toEqual([]);
  });
});

describe('row texts', () => {
  it('names the nearer family', () => {
    expect(fitText({ ...tableRow(0), statistics: statistics(0, { laplace: fit(0.0234), gauss: fit(0.1) }) }).text).toBe('Laplace 0.02');
    expect(fitText({ ...tableRow(0), statistics: statistics(0, { laplace: fit(0.2), gauss: fit(0.1) }) }).text).toBe('Gauss 0.10');
    expect(fitText(tableRow(0)).text).toBe('');
  });

  it('warns of a low SQNR, waits for one to come and says when nothing is lost', () => {
    expect(sqnrText(tableRow(0, { bits: 4, sqnrDb: 19.99 }))).toMatchObject({ text: '20.0', warning: true });
    expect(sqnrText(tableRow(0, { bits: 4, sqnrDb: 20 }))).toMatchObject({ text: '20.0', warning: false });
    expect(sqnrText(tableRow(0, { bits: 4, state: 'planned' })).text).toBe('…');
    expect(sqnrText(tableRow(0, { bits: 8, mse: 0 }))).toEqual({ text: '∞', title: 'Every weight is kept exactly' });
    expect(sqnrText(tableRow(0, { bits: 2, mse: 3e-77, cosine: 1 }))).toMatchObject({ text: '∞', title: expect.stringMatching(/^All weights are zero/) as string });
    expect(sqnrText(tableRow(0)).text).toBe('—');
  });

  it('gives the reason where a layer cannot be quantized', () => {
    expect(methodText(tableRow(0, { reason: 'already quantized' })).text).toBe('already quantized');
    const stored = { bits: 4, granularity: 'block:32', scale: { min: 0.001, max: 0.02 }, zeroPoint: null };
    const whole = 'its weights are quantized already: 4 bits, per block of 32, scale 0.001…0.02';
    expect(methodText(tableRow(0, { reason: whole, quantized: stored }))).toEqual({ text: 'quantized already, 4 bits', title: whole, warning: false });
  });

  it('gives the reason, no SQNR and the size as it is where a planned layer stays float', () => {
    const row = tableRow(0, { bits: 8, sqnrDb: 42, bytes: 2048, note: 'it would not get smaller' });
    const sized = { ...row, plan: row.plan && { ...row.plan, bytesAfter: 300 } };
    expect(methodText(sized)).toMatchObject({ text: 'it would not get smaller', warning: true });
    expect(sqnrText(sized).text).toBe('—');
    expect(sizeText(sized)).toBe('2.0 KB');
    expect(stayText(sized)).toBe('Stays as it is: it would not get smaller');
  });

  it('says why a fixed transform stays float until it is chosen', () => {
    const fixed = 'it looks like a fixed transform';
    expect(methodText(tableRow(0, { fixed }))).toEqual({ text: '—', title: 'Stays float: it looks like a fixed transform' });
    expect(stayText(tableRow(0, { fixed }))).toBe('Stays float: it looks like a fixed transform');
    expect(methodText(tableRow(0, { fixed, bits: 4 })).title).toBe('uniform, per channel');
    expect(stayText(tableRow(0, { fixed, bits: 4 }))).toBe('');
  });

  it('tells an error that was only tried from one that is planned', () => {
    const row = tableRow(0, { bytes: 2048 });
    const tried = { ...row, plan: row.plan && { ...row.plan, triedBits: 4 as const, method: 'uniform', granularity: 'channel', sqnrDb: 21, bytesAfter: 300 } };
    expect(methodText(tried).text).toBe('tried 4 bits');
    expect(sizeText(tried)).toBe('2.0 KB');
    expect(figureGroups(tried)[0]).toMatchObject({ title: 'Tried (stays float)', figures: [{ key: 'bits', value: 4 }, {}, {}, {}, {}, {}, {}, {}, {}, {}] });
  });

  it('warns of settings that ruin a layer, unless it stays as it is', () => {
    const ruined = tableRow(0, { bits: 2, sqnrDb: 0.4, ruinous: true });
    expect(cautionText(ruined)).toMatch(/^Three symmetric levels .* leave most weights at zero/);
    expect(methodText(ruined)).toEqual({ text: 'uniform', title: `uniform, per channel · ${cautionText(ruined)}`, warning: true });
    expect(methodText(tableRow(0, { bits: 2, sqnrDb: 6 }))).toEqual({ text: 'uniform', title: 'uniform, per channel', warning: false });
    expect(methodText(tableRow(0, { bits: 2, ruinous: true, note: 'it would not get smaller' })).text).toBe('it would not get smaller');
  });

  it('says that a layer planned per channel is per tensor where its output channels are not known, and why', () => {
    const shared = tableRow(0, { bits: 4, sqnrDb: 15, channelsUnknown: true });
    expect(methodText(shared).title).toBe('uniform, per tensor, since its output channels are not known');
    expect(figureGroups(shared)[0]?.figures.find(({ key }) => key === 'granularity')).toMatchObject(
      { value: 'tensor', text: 'per tensor, since its output channels are not known' },
    );
    const blocks = { ...shared, plan: shared.plan && { ...shared.plan, granularity: 'block:32' } };
    expect(methodText(blocks).title).toBe('uniform, per block of 32');
  });

  it('says of a layer without floats that it is quantized, not that it cannot be read', () => {
    const row = { ...tableRow(0, { dtype: 'int8', reason: 'already quantized' }), problem: { title: 'broken', remedy: '', detail: '' } };
    expect(fitText(row)).toEqual({ text: '—', title: '' });
    expect(stayText(row)).toBe('Already quantized: int8');
    const quantized = { bits: 8, granularity: 'channel', scale: { min: 0.001234567, max: 0.03 }, zeroPoint: { min: 0, max: 0 } };
    const known = { ...row, layer: { ...row.layer, reason: 'quantized already: int8, per channel', quantized } };
    expect(stayText(known)).toBe('Quantized already: int8, per channel');
    expect([fixedBitsText(known.layer), fixedBitsText(row.layer)]).toEqual(['8 ✓', 'int8']);
    expect(figureGroups(known)[0]).toMatchObject({
      title: 'Quantized already',
      figures: [
        { key: 'quantized.bits', value: 8 },
        { key: 'quantized.granularity', text: 'per channel' },
        { key: 'quantized.scale', value: '0.001234567 … 0.03', text: '0.00123…0.03' },
        { key: 'quantized.zeroPoint', value: 0, text: '0' },
        { key: 'bytes' },
      ],
    });
    expect(stayText(tableRow(0))).toBe('');
  });

  it('gives a change that rounding hides in bytes', () => {
    const row = tableRow(0, { bits: 8, bytes: 2048 });
    expect(sizeText({ ...row, plan: row.plan && { ...row.plan, bytesAfter: 2040 } })).toBe('2,048 → 2,040 B');
  });

  it('shows the size after only where there is one', () => {
    const row = tableRow(0, { bits: 4, bytes: 2048 });
    expect(sizeText(row)).toBe('2.0 KB');
    expect(sizeText({ ...row, plan: row.plan && { ...row.plan, bytesAfter: 300 } })).toBe('2.0 KB → 300 B');
  });
});
