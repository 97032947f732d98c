import { refreshOrder, type PageState } from './state';

/** The page's state, and the one way to change it. */
export interface Store {
  readonly state: Readonly<PageState>;
  /** Changes the state and draws it at the next frame, once for all changes until then. */
  update(change: (state: PageState) => void): void;
}

export function createStore(state: PageState, draw: (state: PageState) => void): Store {
  let scheduled = false;
  const frame = (): void => {
    scheduled = false;
    refreshOrder(state);
    draw(state);
  };
  return {
    state,
    update(change) {
      change(state);
      if (scheduled) return;
      scheduled = true;
      requestAnimationFrame(frame);
    },
  };
}
