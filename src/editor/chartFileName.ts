/** Longer names are refused by some file systems. */
const MOST_CHARACTERS = 100;

/** A chart's name as a file's, whatever the layer it is of is called: `sqnr-against-bit-width-of-conv1.weight`. */
export function fileStem(name: string): string {
  const stem = name.toLowerCase().replaceAll(/[^\p{Letter}\p{Number}._-]+/gu, '-').replaceAll(/^[-.]+|[-.]+$/g, '');
  return stem.slice(0, MOST_CHARACTERS) || 'chart';
}
