import type { PageState } from './state';

/** A page's state, and the one way to change it. */
export interface Store<State = PageState> {
  readonly state: Readonly<State>;
  /** Changes the state and draws it at the next frame, once for all changes until then. */
  update(change: (state: State) => void): void;
}

/** `refresh` brings up to date what follows from the rest of the state, before it is drawn. */
export function createStore<State>(state: State, refresh: (state: State) => void, draw: (state: State) => void): Store<State> {
  let scheduled = false;
  const frame = (): void => {
    scheduled = false;
    refresh(state);
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
