import type { Chain, ChainBase, ChainRef, LazyRules, LoadedRule } from './state.js';

/** A chain whose rules are loaded when a packet first comes to them, or somebody looks at them. */
export class LazyChain implements Chain {
  readonly ref: ChainRef;
  readonly base: ChainBase | null;
  readonly order: number;
  readonly lazy: LazyRules;
  #rules: readonly LoadedRule[] | null = null;

  constructor(ref: ChainRef, base: ChainBase | null, order: number, lazy: LazyRules) {
    this.ref = ref;
    this.base = base;
    this.order = order;
    this.lazy = lazy;
  }

  get rules(): readonly LoadedRule[] {
    this.#rules ??= Array.from({ length: this.lazy.length }, (_, index) => this.lazy.load(index));
    return this.#rules;
  }
}
