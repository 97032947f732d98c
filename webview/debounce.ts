/** Scrolling draws every frame; the view is remembered once it rests. */
const REST_MS = 100;

/** Many calls of the function are one of `act`, after the last of them. */
export function debounce(act: () => void): () => void {
  let waiting = 0;
  return () => {
    clearTimeout(waiting);
    waiting = setTimeout(act, REST_MS);
  };
}
