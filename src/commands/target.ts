import * as l10n from '@vscode/l10n';
import * as v from 'valibot';
import { Uri, commands } from 'vscode';
import type { Layer } from '../core/onnx/layer';
import type { ModelDocument } from '../editor/modelDocument';
import type { OpenedModel } from '../editor/modelHost';
import type { ModelPage } from '../editor/modelPage';
import { isReadOnly, readOnlyText } from '../editor/planFile';
import { notifications } from '../notifications';
import { index } from '../protocol/messageParts';
import { skipReasonText } from '../protocol/problemText';
import type { Services } from '../services';
import { TreeLine } from '../views/treeLine';

/** What the page's context menu says of the row it was opened on: an index to be checked, never a name. */
const row = v.object({ layer: index });
const rowContext = v.object({ webviewSection: v.literal('layer') });

export interface LayerTarget {
  page: ModelPage;
  document: ModelDocument;
  model: OpenedModel;
  /** At least one; all can be quantized. */
  layers: [Layer, ...Layer[]];
  /** Gives the keyboard back to where the command was called from. */
  returnFocus(): void;
}

/** Lines of the layer tree that a command was called on. */
export type ChosenLines = readonly TreeLine[];

/** What a command was called on, of VS Code's two arguments: in a tree, all selected lines if the clicked one is among them. */
export function chosenOf(clicked: unknown, selection: unknown): unknown {
  if (!(clicked instanceof TreeLine)) return clicked;
  const lines: ChosenLines = isLines(selection) && selection.includes(clicked) ? selection : [clicked];
  return lines;
}

function isLines(value: unknown): value is ChosenLines {
  return Array.isArray(value) && value.every((each) => each instanceof TreeLine);
}

/**
 * The layers a command acts on: lines of the tree, or the row of a context menu (with the whole selection, when the row is
 * part of it), else the active editor's selection. Says why when there are none.
 */
export function targetLayers(services: Services, argument: unknown): LayerTarget | null {
  const target = targetAnyLayers(services, argument);
  if (!target) return null;
  const [first, ...rest] = target.layers.filter(({ quantizable }) => quantizable === true);
  if (first) return { ...target, layers: [first, ...rest] };
  const [left] = target.layers;
  return tell(left && left.quantizable !== true
    ? l10n.t('{0} cannot be quantized: {1}.', left.name, skipReasonText(left.quantizable.reason))
    : l10n.t('Select a layer first.'));
}

/** Like `targetLayers`, those that cannot be quantized included. */
export function targetAnyLayers(
  { editors }: Services, argument: unknown,
): Omit<LayerTarget, 'layers'> & { layers: Layer[] } | null {
  const page = editors.activePage;
  const model = page?.document.host.model;
  if (!page || !model) return tell(l10n.t('Open an ONNX model in Quantscope first.'));
  const layers = page.document.host.layers(wantedLayers(page, argument));
  const returnFocus = (): void => {
    if (!isLines(argument)) page.focusGrid();
  };
  return { page, document: page.document, model, layers, returnFocus };
}

function wantedLayers({ selected, current }: ModelPage, argument: unknown): readonly number[] {
  const selection = selected.length > 0 ? selected : current === null ? [] : [current];
  if (isLines(argument)) return [...new Set(argument.flatMap(({ layers }) => layers.map(({ index }) => index)))];
  if (!v.is(rowContext, argument)) return selection;
  if (!v.is(row, argument)) return [];
  return selection.includes(argument.layer) ? selection : [argument.layer];
}

/** Like `targetLayers`, for a command that changes the plan. */
export function targetLayersToEdit(services: Services, argument: unknown): LayerTarget | null {
  const target = targetLayers(services, argument);
  return target && isReadOnly(target.document.uri) ? tell(readOnlyText()) : target;
}

/** The model a command acts on: the file it was called on (opened when it is not), else the active editor's. */
export async function targetDocument({ editors }: Services, argument: unknown): Promise<ModelDocument | null> {
  if (argument instanceof Uri && !editors.find(argument)) {
    await commands.executeCommand('vscode.openWith', argument, 'quantscope.model');
  }
  const document = argument instanceof Uri ? editors.find(argument) : editors.activePage?.document;
  if (!document) return tell(l10n.t('Open an ONNX model in Quantscope first.'));
  await document.host.ready;
  return document;
}


function tell(message: string): null {
  void notifications.showInformationMessage(message);
  return null;
}
