/**
 * Names for what a copy adds, unique in the model: a name is `<owner>.q.<part>`, with a marker (`.q`) that no name of the
 * model contains.
 */
export function newNames(taken: Set<string>): (owner: string, part: string) => string {
  const marker = freeMarker(taken);
  return (owner, part) => `${owner}${marker}.${part}`;
}

/** The name, or the first of `name-2`, `name-3`, … that nothing is called. */
export function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${name}-${i}`;
  return free;
}

function freeMarker(taken: Set<string>): string {
  for (let i = 1; ; i++) {
    const marker = i === 1 ? '.q' : `.q${i}`;
    if (!containedInAny(taken, marker)) return marker;
  }
}

function containedInAny(names: Set<string>, marker: string): boolean {
  for (const name of names) if (name.includes(marker)) return true;
  return false;
}
