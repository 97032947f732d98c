import type { AllocationChoice } from '../src/protocol/allocationPage';
import { widthName } from './allocationPlot';
import { element } from './dom';
import { formatCount } from './numbers';

export interface WidthBars {
  element: HTMLElement;
  render(choice: AllocationChoice | null): void;
}

/** How many layers have which width, as a bar and a number each. */
export function createWidthBars(): WidthBars {
  const list = element('ul', 'width-bars');
  return {
    element: list,
    render(choice) {
      const widths = choice?.widths ?? [];
      const most = Math.max(1, ...widths.map(({ layers }) => layers));
      list.replaceChildren(...widths.map(({ bits, layers }) => {
        const bar = element('span', 'width-bar');
        bar.style.width = `${(layers / most) * 100}%`;
        return element('li', '', element('span', 'width-name', widthName(bits)), element('span', 'width-track', bar),
          element('span', 'width-count', formatCount(layers)));
      }));
    },
  };
}
