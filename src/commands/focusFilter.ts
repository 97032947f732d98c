import type { Services } from '../services';

export function focusFilter({ editors }: Services): void {
  editors.activePage?.post({ type: 'focusFilter' });
}
