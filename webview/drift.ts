/** How far layers moved when the file changed in place. */
export interface Drift {
  /** Layers that both versions of the file have and that were looked at before. */
  readonly compared: number;
  readonly moved: number;
  /** The layer that moved most; null when none did. */
  readonly most: { readonly layer: number; readonly ks: number } | null;
}

/** What is known with one more layer, `ks` from where it was. */
export function withLayer(drift: Drift | null, layer: number, ks: number): Drift {
  const { compared, moved, most } = drift ?? { compared: 0, moved: 0, most: null };
  return {
    compared: compared + 1,
    moved: moved + Number(ks > 0),
    most: ks > (most?.ks ?? 0) ? { layer, ks } : most,
  };
}
