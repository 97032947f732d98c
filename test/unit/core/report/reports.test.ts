import { describe, expect, it } from 'vitest';
import { completeSettings } from '../../../../src/core/plan/layerSettings';
import { nodesToExclude } from '../../../../src/core/report/nodesToExclude';
import { REPORT_FORMATS } from '../../../../src/core/report';
import type { ModelReport, QuantizedFigures, ReportedLayer } from '../../../../src/core/report/modelReport';

const FIGURES: QuantizedFigures = {
  ...completeSettings({ method: 'msptq', bits: 4, granularity: 'tensor', rounding: 'gptq' }), mse: 1e-5, sqnrDb: 18.44, predictedSqnrDb: 17.9, outputSqnrDb: 24.06, maxAbsError: 0.0123456,
  cosine: 0.99, bytesAfter: 1234, format: 'qdq',
};

function layer(name: string, node: string, quantized: QuantizedFigures | null, extra: Partial<ReportedLayer> = {}): ReportedLayer {
  return {
    name, scope: '', consumers: [{ op: 'Conv', node, input: 1 }], dims: [16, 3, 3, 3], dtype: 'float32', elements: 432,
    bytes: 1728, quantized, note: null, histogram: { min: -1, max: 1, counts: [1, 4, 2] }, ...extra,
  };
}

function report(...layers: ReportedLayer[]): ModelReport {
  return {
    model: { name: 'net.onnx', producer: 'pytorch 2.1', opset: '17', bytes: 4_000_000, parameters: 1_000_000 },
    quantscope: '0.1.0',
    plan: { file: 'net.onnx.quant.json', isSaved: true },
    total: { bytesBefore: 4_000_000, bytesAfter: 1_000_000, averageBits: 4.25, sqnrDb: 20.06 },
    calibration: { inputs: 'images.npy', samples: 1024, reading: 'divided by 255' },
    corrections: { equalizedPairs: 0, correctedBiases: 3, uncorrected: [{ name: 'embed', scope: '', reason: 'operator-not-calibrated' }] },
    format: 'qdq',
    skipped: [],
    uncalibrated: [{ name: 'embed', scope: '', reason: 'operator-not-calibrated' }],
    evaluation: {
      inputs: 'test.npy', labels: null, found: 'top 1 98.99 %', isCurrent: true, samples: 2000, runtime: 'native',
      evaluated: { top1: 0.9899, top5: null }, referenceAccuracy: null, agreement: null, outputs: [],
    },
    layers,
  };
}

const MIXED = report(
  layer('conv1', '/conv1', FIGURES),
  layer('fc', '/fc', null, { note: 'a copy would not be smaller' }),
);

/** A reader of RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)!.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

describe('a report', () => {
  it('says the totals and every layer in Markdown', () => {
    const lines = REPORT_FORMATS.markdown(MIXED).split('\n');
    expect(lines).toContain('* Layers quantized: 1 of 2');
    expect(lines).toContain('* Plan: net.onnx.quant.json');
    expect(lines).toContain('* Reported by: Quantscope 0.1.0');
    const unsaved = { ...MIXED, plan: { file: 'net.onnx.quant.json', isSaved: false } };
    expect(REPORT_FORMATS.markdown(unsaved)).toContain('* Plan: net.onnx.quant.json, with edits that are not saved\n');
    expect(lines).toContain('* Bytes: 4,000,000 → 1,000,000');
    expect(lines).toContain('* Average bits: 4.25');
    expect(lines).toContain('* SQNR of all quantized weights: 20.1 dB');
    expect(lines).toContain('* Calibration data: images.npy, 1,024 samples, divided by 255');
    expect(lines).toContain('* Layers whose biases are corrected: 3');
    expect(lines.some((line) => line.startsWith('* Pairs of layers'))).toBe(false);
    const table = lines.filter((line) => line.startsWith('|')).map((line) => line.slice(2, -2).split(' | '));
    const [titles, , conv, fc] = table as [string[], string[], string[], string[]];
    const cell = (row: string[], title: string): string => row[titles.indexOf(title)]!.trim();
    expect(table.every((row) => row.length === titles.length)).toBe(true);
    expect(['Layer', 'Bits', 'Quantizer', 'Rounding', 'SQNR dB', 'Output SQNR dB', 'Bytes after'].map((title) => cell(conv, title)))
      .toEqual(['conv1', '4', 'msptq', 'gptq', '18.4', '24.1', '1,234']);
    expect(['Layer', 'Bits', 'Bytes after', 'Note'].map((title) => cell(fc, title)))
      .toEqual(['fc', '', '1,728', 'a copy would not be smaller']);
  });

  it('says of what errors are, those of outputs where there are some', () => {
    const weightsAlone = report(layer('conv1', '/conv1', { ...FIGURES, outputSqnrDb: null }), layer('fc', '/fc', null));
    for (const render of [REPORT_FORMATS.markdown, REPORT_FORMATS.html]) {
      expect(render(weightsAlone)).toContain('errors are those of the weights, not accuracy');
      expect(render(weightsAlone)).not.toContain('Output SQNR is');
      expect(render(MIXED)).toContain('SQNR and the other errors are those of the weights');
      expect(render(MIXED)).toMatch(/Output SQNR is that of .* as the copy has them\. .* with all other layers in float, where it is mostly higher/);
    }
  });

  it('says what a copy cannot do as planned, with the reason beside each layer', () => {
    const note = 'rounded to nearest, not by GPTQ: why; stored exactly, not as qdq: because';
    const embedding = layer('embed', '/embed', { ...FIGURES, rounding: 'nearest', outputSqnrDb: null, format: 'exact' }, { note });
    const learned = layer('learned', '/fc', { ...FIGURES, rounding: 'nearest', mode: 'calibrated' });
    const full = report(...MIXED.layers, embedding, learned);
    const lines = REPORT_FORMATS.markdown(full).split('\n');
    expect(lines).toContain('* Layers rounded to nearest, as they cannot be calibrated: 1');
    expect(lines).toContain('* Layers whose biases cannot be corrected: 1');
    expect(lines).toContain('* Format of the copy: qdq');
    expect(lines).toContain('* Layers stored exactly, not as qdq: 1');
    const [titles, ...rows] = parseCsv(REPORT_FORMATS.csv(full)) as [string[], ...string[][]];
    expect(rows.map((row) => ['Rounding', 'Format', 'Note'].map((title) => row[titles.indexOf(title)]))).toEqual([
      ['gptq', 'qdq', ''], ['', '', 'a copy would not be smaller'], ['nearest', 'exact', note], ['calibrated', 'qdq', ''],
    ]);
    expect(REPORT_FORMATS.html(full)).toContain(note);
  });

  it('says what an evaluation found, and of which plan', () => {
    expect(REPORT_FORMATS.markdown(MIXED)).toContain('* Evaluation: top 1 98.99 % \\(test.npy\\)\n');
    const old = { ...MIXED, evaluation: { ...MIXED.evaluation!, isCurrent: false } };
    expect(REPORT_FORMATS.markdown(old)).toContain('\\(test.npy, before model or plan changed\\)\n');
    expect(REPORT_FORMATS.html({ ...MIXED, evaluation: null })).not.toContain('Evaluation');
  });

  it('keeps numbers whole in CSV', () => {
    const [titles, conv] = parseCsv(REPORT_FORMATS.csv(MIXED)) as [string[], string[]];
    expect(conv[titles.indexOf('SQNR dB')]).toBe('18.44');
    expect(conv[titles.indexOf('Output SQNR dB')]).toBe('24.06');
    expect(conv[titles.indexOf('Weights')]).toBe('432');
    expect(conv).toHaveLength(titles.length);
  });

  it('is CSV that Excel takes for UTF-8, as shapes and names need', () => {
    const bytes = new TextEncoder().encode(REPORT_FORMATS.csv(MIXED));
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(new TextDecoder().decode(bytes)).toMatch(/^Layer,.*\r\nconv1,,Conv,16×3×3×3,/);
  });

  it('reads back from JSON as it was, but for numbers that are not finite', () => {
    expect(JSON.parse(REPORT_FORMATS.json(MIXED))).toEqual(MIXED);
    const lossless = report(layer('a', 'n', { ...FIGURES, sqnrDb: Infinity }));
    expect(JSON.parse(REPORT_FORMATS.json(lossless))).toMatchObject({ layers: [{ quantized: { sqnrDb: null } }] });
  });

  it('takes neither a missing signal nor a missing figure for lossless', () => {
    const odd = report(...[Infinity, -Infinity, NaN].map((sqnrDb) => layer('a', 'n', { ...FIGURES, sqnrDb })));
    const cells = REPORT_FORMATS.markdown(odd).split('\n').filter((line) => line.startsWith('| a ')).map((line) => line.split(' | ')[10]);
    expect(cells).toEqual(['∞', '−∞', '—']);
    expect(parseCsv(REPORT_FORMATS.csv(odd)).slice(1).map((row) => row[10])).toEqual(['Infinity', '-Infinity', 'NaN']);
  });

  it('draws the histogram in HTML and asks for nothing from outside', () => {
    const html = REPORT_FORMATS.html(MIXED);
    expect(html).toContain('d="M0 24V18h40V0h40V12h40V24z"');
    expect(html).not.toMatch(/<script|<link|src=|url\(|https?:/);
    expect(html).toContain("default-src 'none'");
  });

  it('takes what a model is named for text', () => {
    const hostile = ['<script>alert(1)</script>', 'a|b\n# title', '[x](http://e)', '=1+1', '"quoted", with comma', '‮evil'];
    const names = report(...hostile.map((name) => layer(name, 'n', null)));
    const markdown = REPORT_FORMATS.markdown(names).split('\n');
    expect(markdown.filter((line) => line.startsWith('| '))).toHaveLength(hostile.length + 2);
    expect(markdown.some((line) => line.startsWith('# title'))).toBe(false);
    expect(REPORT_FORMATS.markdown(names)).not.toMatch(/(?<!\\)(?:\[x|<script)/);
    expect(REPORT_FORMATS.html(names)).not.toContain('<script>');
    const rows = parseCsv(REPORT_FORMATS.csv(names));
    expect(rows.slice(1).map(([name]) => name)).toEqual(hostile.map((name) => (name.startsWith('=') ? `'${name}` : name)));
  });

  it('excludes the nodes of float layers alone, by name', () => {
    const layers = ([['/a', false], ['/b', true], ['/b', false], ['', false], ['/a', false]] as const)
      .map(([node, quantized]) => ({ consumers: [{ op: 'Conv', node, input: 1 }], quantized }));
    expect(JSON.parse(nodesToExclude(layers))).toEqual(['/a']);
  });

  it('shows the worst SQNR of each node in Model Explorer', () => {
    const nodes = report(
      layer('w', '/lstm', FIGURES), layer('r', '/lstm', { ...FIGURES, sqnrDb: 12 }),
      layer('exact', '/b', { ...FIGURES, sqnrDb: Infinity }), layer('float', '/c', null), layer('__proto__', '__proto__', FIGURES),
    );
    const data = JSON.parse(REPORT_FORMATS['node-data'](nodes)) as { results: object; gradient: unknown[] };
    expect(Object.entries(data.results)).toEqual([['/lstm', { value: 12 }], ['__proto__', { value: 18.44 }]]);
    expect(data.gradient.length).toBeGreaterThan(1);
  });
});
