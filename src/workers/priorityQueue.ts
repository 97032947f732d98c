/** What waits its turn: the highest priority goes first, and equals in the order they came. */
export class PriorityQueue<Item extends { readonly priority: number }> {
  readonly #items: Item[] = [];

  /** In the order of their turns. */
  get items(): readonly Item[] {
    return this.#items;
  }

  add(item: Item): void {
    const before = this.#items.findLastIndex((other) => other.priority >= item.priority);
    this.#items.splice(before + 1, 0, item);
  }

  /** Takes an item out; false where it does not wait. */
  remove(item: Item): boolean {
    const place = this.#items.indexOf(item);
    if (place >= 0) this.#items.splice(place, 1);
    return place >= 0;
  }
}
