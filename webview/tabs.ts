import { element, setAttributes } from './dom';

export interface Tabs<Id extends string> {
  /** The row of tabs. */
  element: HTMLElement;
  /** Where the chosen tab's content goes. */
  panel: HTMLElement;
  render(chosen: Id): void;
}

/** One tab stop; the arrow keys, Home and End choose among the tabs, as the ARIA pattern has it. */
export function createTabs<Id extends string>(
  label: string, tabs: readonly { id: Id; label: string }[], onChoice: (id: Id) => void,
): Tabs<Id> {
  const panel = element('div', 'tab-panel');
  panel.id = 'tab-panel';
  panel.setAttribute('role', 'tabpanel');
  const buttons = tabs.map(({ id, label: text }) => {
    const tab = element('button', 'tab', text);
    tab.id = `tab-${id}`;
    setAttributes(tab, { type: 'button', role: 'tab', 'aria-controls': panel.id });
    tab.addEventListener('click', () => onChoice(id));
    return { id, tab };
  });
  const list = element('div', 'tabs', ...buttons.map(({ tab }) => tab));
  setAttributes(list, { role: 'tablist', 'aria-label': label });
  list.addEventListener('keydown', (event) => {
    const moved = movedTo(event.key, buttons.findIndex(({ tab }) => tab === event.target), buttons.length);
    const target = moved === null ? undefined : buttons[moved];
    if (!target) return;
    event.preventDefault();
    target.tab.focus();
    onChoice(target.id);
  });
  return {
    element: list,
    panel,
    render(chosen) {
      for (const { id, tab } of buttons) {
        tab.setAttribute('aria-selected', String(id === chosen));
        tab.tabIndex = id === chosen ? 0 : -1;
        if (id === chosen) panel.setAttribute('aria-labelledby', tab.id);
      }
    },
  };
}

function movedTo(key: string, from: number, count: number): number | null {
  switch (key) {
    case 'ArrowRight':
      return (from + 1) % count;
    case 'ArrowLeft':
      return (from + count - 1) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
