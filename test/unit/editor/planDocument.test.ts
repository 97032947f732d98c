import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  keepFloat, setAll, setBest, setBits, setCalibration, setCopyOptions, setMethod, setRounding, setSettings, setWidths, type PlanEdit,
} from '../../../src/core/plan/edits';
import { BIT_WIDTHS, completeSettings } from '../../../src/core/plan/layerSettings';
import { PlanDocument, type PlanStorage } from '../../../src/editor/planDocument';
import { layerOf } from './fakeCore';

class MemoryStorage implements PlanStorage {
  text: string | null;

  constructor(text: string | null = null) {
    this.text = text;
  }

  async read(): Promise<string | null> {
    return this.text;
  }

  async write(text: string): Promise<void> {
    this.text = text;
  }
}

const saved = '{"version":1,"model":"m.onnx","layers":{"conv":{"bits":4}}}';

describe('save and revert', () => {
  test('a model without a plan file has an empty plan and is not dirty', async () => {
    const document = await PlanDocument.open('m.onnx', new MemoryStorage());
    expect(document.plan).toEqual({ version: 1, model: 'm.onnx', layers: {} });
    expect(document.isDirty).toBe(false);
    expect(document.problems([])).toEqual([]);
  });

  test('an edit is dirty until it is saved, and what is saved is what a reader gets', async () => {
    const storage = new MemoryStorage();
    const document = await PlanDocument.open('m.onnx', storage);
    document.edit(setBits(document.plan, ['conv'], 3));
    expect(document.isDirty).toBe(true);
    expect(storage.text).toBeNull();
    await document.save();
    expect(document.isDirty).toBe(false);
    expect((await PlanDocument.open('m.onnx', storage)).plan).toEqual(document.plan);
  });

  test('a failed save leaves the document dirty', async () => {
    const document = await PlanDocument.open('m.onnx', {
      read: async () => null,
      write: async () => { throw new Error('disk full'); },
    });
    document.edit(setBits(document.plan, ['conv'], 3));
    await expect(document.save()).rejects.toThrow('disk full');
    expect(document.isDirty).toBe(true);
    expect(document.unsavedEdits).toHaveLength(1);
  });

  test('revert takes what is on disk now and tells who listens', async () => {
    const storage = new MemoryStorage(saved);
    const document = await PlanDocument.open('m.onnx', storage);
    document.edit(keepFloat(document.plan, ['conv']));
    let changes = 0;
    const stop = document.onDidChange(() => changes++);
    storage.text = saved.replace('4', '5');
    expect(await document.changedOnDisk()).toBe(true);
    await document.revert();
    stop();
    expect(document.plan.layers).toEqual({ conv: { bits: 5 } });
    expect([document.isDirty, document.unsavedEdits, changes]).toEqual([false, [], 1]);
    expect(await document.changedOnDisk()).toBe(false);
  });
});

describe('a plan file with problems', () => {
  const broken = '{"version":1,"model":"m.onnx","layers":{"conv":{"bits":9,"grid":"affine"},"gone":{"bits":4}}}';

  test('says where they are and stays as it is', async () => {
    const storage = new MemoryStorage(broken);
    const document = await PlanDocument.open('m.onnx', storage);
    expect(document.problems([]).map(({ code, place }) => [code, place.path])).toContainEqual(
      ['setting-invalid', 'layers["conv"].bits'],
    );
    expect(document.plan.layers).toEqual({ conv: 'float', gone: { bits: 4 } });
    expect([...document.faults.layers.keys()]).toEqual(['conv']);
    expect(document.losesOnSave).toBe(true);
    expect(document.isDirty).toBe(false);
    expect(storage.text).toBe(broken);
  });

  test('has none once it is saved, and says that this changes what is shown', async () => {
    const document = await PlanDocument.open('m.onnx', new MemoryStorage(broken));
    let changes = 0;
    document.onDidChange(() => changes++);
    await document.save();
    expect([document.faults.layers.size, document.losesOnSave, changes]).toEqual([0, false, 1]);
    await document.save();
    expect(changes).toBe(1);
  });

  test('keeps settings that do not go together, and goes on saying so', async () => {
    const document = await PlanDocument.open('m.onnx', new MemoryStorage(saved));
    document.edit(setSettings(document.plan, ['conv'], { method: 'subset', bits: 8 }));
    await document.save();
    expect([document.isDirty, document.losesOnSave, document.plan.layers.conv]).toEqual([false, false, { method: 'subset', bits: 8 }]);
    expect(document.problems([]).map(({ place }) => place.path)).toContain('layers["conv"].bits');
  });

  test('names layers of unsaved edits that the model does not have, and none twice', async () => {
    const document = await PlanDocument.open('m.onnx', new MemoryStorage(saved));
    document.edit(setBits(document.plan, ['fc', 'gone'], 3));
    const named = (): unknown => document.problems([layerOf(0, { name: 'fc' })]).map(({ code, detail }) => [code, detail.name]);
    expect(named()).toEqual([['no-such-layer', 'conv'], ['no-such-layer', 'gone']]);
    await document.save();
    expect(named()).toEqual([['no-such-layer', 'conv'], ['no-such-layer', 'gone']]);
  });

  test('loses nothing when only layers are unknown', async () => {
    expect((await PlanDocument.open('m.onnx', new MemoryStorage(saved))).losesOnSave).toBe(false);
    expect((await PlanDocument.open('m.onnx', new MemoryStorage('{'))).losesOnSave).toBe(true);
  });
});

describe('hot exit', () => {
  test('a backup restores the plan and the edits since the last save', async () => {
    const storage = new MemoryStorage(saved);
    const document = await PlanDocument.open('m.onnx', storage);
    document.edit(setAll(document.plan, [], { bits: 8 }));
    await document.save();
    document.edit(keepFloat(document.plan, ['conv']));
    document.edit(setMethod(document.plan, ['conv'], 'subset'));
    document.edit(setBest(document.plan, new Map([['conv', completeSettings({ method: 'n2uq', bits: 3 })]])));
    document.edit(setWidths(document.plan, new Map([['conv', 5]]), 5));
    const restored = await PlanDocument.open('m.onnx', storage, document.backup());
    expect(restored.plan).toEqual(document.plan);
    expect(restored.isDirty).toBe(true);
    expect(restored.unsavedEdits).toEqual(document.unsavedEdits);
    for (const edit of [...restored.unsavedEdits].reverse()) restored.undo(edit);
    expect(restored.isDirty).toBe(false);
  });

  test('a backup keeps calibration data, copy options and roundings, and how each came about', async () => {
    const storage = new MemoryStorage(saved);
    const document = await PlanDocument.open('m.onnx', storage);
    const before = document.plan;
    document.edit(setCalibration(document.plan, { inputs: 'x.npy', samples: 9, scale: 0.5, layout: 'nchw' }));
    document.edit(setCopyOptions(document.plan, { biasCorrection: true, equalization: false }));
    document.edit(setRounding(document.plan, ['conv'], 'gptq'));
    document.edit(setCalibration(document.plan, undefined));
    const restored = await PlanDocument.open('m.onnx', storage, document.backup());
    expect(restored.plan).toEqual(document.plan);
    expect(restored.unsavedEdits).toEqual(document.unsavedEdits);
    for (const edit of [...restored.unsavedEdits].reverse()) restored.undo(edit);
    expect(restored.plan).toEqual(before);
  });

  test('a backup made behind the save point restores the plan without edits', async () => {
    const storage = new MemoryStorage(saved);
    const document = await PlanDocument.open('m.onnx', storage);
    const edit = keepFloat(document.plan, ['conv']);
    document.edit(edit);
    await document.save();
    document.undo(edit);
    const restored = await PlanDocument.open('m.onnx', storage, document.backup());
    expect(restored.plan.layers).toEqual({ conv: { bits: 4 } });
    expect([restored.isDirty, restored.unsavedEdits]).toEqual([true, []]);
  });

  test.each(['', '{', '{"version":2}', '{"version":1,"plan":{},"edits":[{"label":{"kind":"bits","bits":9},"changes":[]}]}'])(
    'a backup that is none is as if there was none: %s', async (backup) => {
      const document = await PlanDocument.open('m.onnx', new MemoryStorage(saved), backup);
      expect(document.plan.layers).toEqual({ conv: { bits: 4 } });
      expect(document.isDirty).toBe(false);
    },
  );
});

test('whatever is done, undone, redone and saved, going all the way back gives the first plan and the file what was saved', async () => {
  const key = fc.constantFrom('a', 'b', 's::a');
  const step = fc.oneof(
    fc.record({ do: fc.constant('bits' as const), key, bits: fc.constantFrom(...BIT_WIDTHS) }),
    fc.record({ do: fc.constant('float' as const), key }),
    fc.record({ do: fc.constantFrom('undo' as const, 'redo' as const, 'save' as const, 'reopen' as const) }),
  );
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
    const storage = new MemoryStorage(saved);
    let document = await PlanDocument.open('m.onnx', storage);
    const first = document.plan;
    const done: PlanEdit[] = [];
    let undone: PlanEdit[] = [];
    let inFile = first;
    for (const action of steps) {
      if (action.do === 'bits' || action.do === 'float') {
        const edit = action.do === 'bits'
          ? setBits(document.plan, [action.key], action.bits)
          : keepFloat(document.plan, [action.key]);
        document.edit(edit);
        done.push(edit);
        undone = [];
      } else if (action.do === 'undo') {
        const edit = done.pop();
        if (edit) document.undo(edit);
        if (edit) undone.push(edit);
      } else if (action.do === 'redo') {
        const edit = undone.pop();
        if (edit) document.redo(edit);
        if (edit) done.push(edit);
      } else if (action.do === 'save') {
        await document.save();
        inFile = document.plan;
      } else {
        const before = document;
        document = await PlanDocument.open('m.onnx', storage, before.backup());
        expect(document.plan).toEqual(before.plan);
        expect(document.isDirty).toBe(before.isDirty);
      }
      expect((await PlanDocument.open('m.onnx', storage)).plan).toEqual(inFile);
    }
    for (const edit of done.reverse()) document.undo(edit);
    expect(document.plan).toEqual(first);
  }));
});
