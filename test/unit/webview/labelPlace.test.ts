import { expect, test } from 'vitest';
import { labelPlace, type Pixel } from '../../../webview/labelPlace';

const SIZE = { width: 40, height: 14 };
const AREA = { left: 0, top: 0, right: 400, bottom: 300 };

const BELOW_RIGHT = { left: 210, top: 160, right: 250, bottom: 174 };
const BELOW_LEFT = { left: 150, top: 160, right: 190, bottom: 174 };
const ABOVE_RIGHT = { left: 210, top: 126, right: 250, bottom: 140 };

const place = (marks: Pixel[], area = AREA) => labelPlace({ x: 200, y: 150 }, SIZE, 10, marks, area);

test.each([
  ['nothing there', [], BELOW_RIGHT],
  ['a mark in the text', [{ x: 230, y: 170 }], BELOW_LEFT],
  ['a mark that reaches into it', [{ x: 255, y: 178 }], BELOW_LEFT],
  ['a mark just beside it', [{ x: 257, y: 170 }], BELOW_RIGHT],
  ['marks on both sides below', [{ x: 230, y: 170 }, { x: 160, y: 165 }], ABOVE_RIGHT],
  ['marks everywhere', [{ x: 230, y: 170 }, { x: 160, y: 165 }, { x: 230, y: 130 }, { x: 160, y: 130 }], BELOW_RIGHT],
])('%s', (_, marks, expected) => expect(place(marks)).toEqual(expected));

test('stays within the chart', () => {
  expect(place([], { ...AREA, right: 245 })).toEqual(BELOW_LEFT);
  expect(place([], { ...AREA, right: 245, left: 160, bottom: 170 })).toEqual(BELOW_RIGHT);
  expect(place([], { ...AREA, bottom: 170 })).toEqual(ABOVE_RIGHT);
});
