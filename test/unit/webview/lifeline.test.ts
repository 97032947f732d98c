import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLifeline, type Lifeline } from '../../../webview/lifeline';

let asked: number;
let heard: boolean[];
let lifeline: Lifeline;

beforeEach(() => {
  vi.useFakeTimers();
  [asked, heard] = [0, []];
  lifeline = createLifeline(() => asked++, (isAlive) => heard.push(isAlive));
});
afterEach(() => void vi.useRealTimers());

test('asks once for all that is told before an answer, and again after it', () => {
  for (let i = 0; i < 3; i++) lifeline.told();
  expect(asked).toBe(1);
  lifeline.heard();
  lifeline.told();
  expect(asked).toBe(2);
});

test('says that nobody answers, once, and takes it back with the answer', () => {
  lifeline.told();
  vi.advanceTimersByTime(60_000);
  lifeline.told();
  vi.advanceTimersByTime(60_000);
  expect([heard, asked]).toEqual([[false], 1]);
  lifeline.heard();
  expect(heard).toEqual([false, true]);
});

test('says nothing while nothing is done, and nothing when the answer comes', () => {
  vi.advanceTimersByTime(60_000);
  lifeline.told();
  lifeline.heard();
  vi.advanceTimersByTime(60_000);
  expect(heard).not.toContain(false);
});
