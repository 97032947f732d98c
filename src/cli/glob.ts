/** Whether a layer's name matches: `*` stands for any characters, slashes and dots included, and `?` for one. */
export function globPattern(glob: string): RegExp {
  const source = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 'su');
}
