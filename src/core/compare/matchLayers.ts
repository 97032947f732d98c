import { layerKey, type Layer } from '../onnx/layer';

/** How two layers were found to be the same one: by name, by the node input they feed, or by shape and order. */
export type MatchRule = 'name' | 'consumer' | 'order';

export interface LayerPair {
  a: Layer;
  b: Layer;
  matchedBy: MatchRule;
}

export interface LayerMatch {
  /** In the order of the first model. */
  pairs: LayerPair[];
  onlyA: Layer[];
  onlyB: Layer[];
}

/**
 * Finds the layers that two models have in common. A name goes first, but exporters number names anew (`onnx::MatMul_214`),
 * so one that stands for another node and another number of weights waits until a match by consumer has been tried. Layers
 * that are renamed altogether are matched in order among those of the same operator and dims, where both models have as many.
 */
export function matchLayers(a: readonly Layer[], b: readonly Layer[]): LayerMatch {
  const matcher = new Matcher(a, b);
  matcher.pair('name', (layer) => [layerKey(layer)], isPlausible);
  matcher.pair('consumer', consumerKeys);
  matcher.pair('name', (layer) => [layerKey(layer)]);
  matcher.pairInOrder();
  const { pairs, left, right } = matcher;
  return { pairs: pairs.sort((x, y) => x.a.index - y.a.index), onlyA: [...left], onlyB: [...right] };
}

class Matcher {
  readonly pairs: LayerPair[] = [];
  readonly left: Set<Layer>;
  readonly right: Set<Layer>;

  constructor(a: readonly Layer[], b: readonly Layer[]) {
    this.left = new Set(a);
    this.right = new Set(b);
  }

  /** Pairs layers that share a key which no other unmatched layer of either model has. */
  pair(rule: MatchRule, keysOf: (layer: Layer) => string[], accept: (a: Layer, b: Layer) => boolean = () => true): void {
    const [inA, inB] = [byKey(this.left, keysOf), byKey(this.right, keysOf)];
    for (const [key, layers] of inA) {
      const [a, b] = [onlyOne(layers), onlyOne(inB.get(key))];
      if (a && b && this.left.has(a) && this.right.has(b) && accept(a, b)) this.#add(a, b, rule);
    }
  }

  pairInOrder(): void {
    const [inA, inB] = [byKey(this.left, shapeKeys), byKey(this.right, shapeKeys)];
    for (const [key, layers] of inA) {
      const others = inB.get(key);
      if (others?.length === layers.length) layers.forEach((a, i) => this.#add(a, others[i]!, 'order'));
    }
  }

  #add(a: Layer, b: Layer, matchedBy: MatchRule): void {
    this.left.delete(a);
    this.right.delete(b);
    this.pairs.push({ a, b, matchedBy });
  }
}

function isPlausible(a: Layer, b: Layer): boolean {
  const keys = consumerKeys(b);
  return a.elements === b.elements || consumerKeys(a).some((key) => keys.includes(key));
}

function consumerKeys({ consumers }: Layer): string[] {
  return [...new Set(consumers.map(({ op, node, input }) => JSON.stringify([op, node, input])))];
}

function shapeKeys({ consumers, dims }: Layer): string[] {
  return [JSON.stringify([consumers[0]?.op, dims])];
}

function byKey(layers: Iterable<Layer>, keysOf: (layer: Layer) => string[]): Map<string, Layer[]> {
  const found = new Map<string, Layer[]>();
  for (const layer of layers) {
    for (const key of keysOf(layer)) {
      const same = found.get(key);
      if (same) same.push(layer);
      else found.set(key, [layer]);
    }
  }
  return found;
}

function onlyOne(layers: readonly Layer[] | undefined): Layer | undefined {
  return layers?.length === 1 ? layers[0] : undefined;
}
