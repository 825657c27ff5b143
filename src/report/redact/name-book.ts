import { isTelling } from './reserved.js';

/** What an alias is called after: `host-1`, `container-2`, `secret-1`. */
export type NameKind = 'host' | 'container' | 'netns' | 'dns' | 'user' | 'path' | 'id' | 'mail' | 'secret';

export type NameMap = Readonly<Partial<Record<NameKind, Readonly<Record<string, string>>>>>;

const ALIAS = /^(?:host|container|netns|dns|user|path|id|mail|secret)-\d+$/;

/** One alias for each name, numbered by kind. */
export class NameBook {
  readonly #aliases = new Map<string, { readonly kind: NameKind; readonly alias: string }>();
  readonly #counts = new Map<NameKind, number>();
  readonly #used = new Map<string, NameKind>();
  readonly #originals: Set<string>;
  #pattern: RegExp | null = null;
  readonly #known: string[] = [];

  /** @param originals names of the run, so that no alias equals one */
  constructor(originals: Iterable<string>, earlier: NameMap) {
    this.#originals = new Set(originals);
    for (const [kind, names] of Object.entries(earlier) as [NameKind, Readonly<Record<string, string>>][])
      for (const [name, alias] of Object.entries(names)) {
        this.#aliases.set(name, { kind, alias });
        this.#counts.set(kind, Math.max(this.#counts.get(kind) ?? 0, Number(alias.split('-').at(-1)) || 0));
      }
  }

  /** How many different names of each kind were replaced. */
  get used(): ReadonlyMap<string, NameKind> {
    return this.#used;
  }

  map(): NameMap {
    const kinds = new Set([...this.#aliases.values()].map(({ kind }) => kind));
    return Object.fromEntries([...kinds].map((kind) => [kind, Object.fromEntries(this.#ofKind(kind))]));
  }

  #ofKind(kind: NameKind): readonly (readonly [string, string])[] {
    return [...this.#aliases].flatMap(([name, entry]) => (entry.kind === kind ? [[name, entry.alias] as const] : []));
  }

  /** Makes a name known: it is replaced wherever it stands as a word. Names that tell nothing are left alone. */
  know(kind: NameKind, name: string): void {
    if (!isTelling(name) || ALIAS.test(name) || this.#known.includes(name)) return;
    this.alias(kind, name);
    this.#known.push(name);
    this.#pattern = null;
  }

  alias(kind: NameKind, name: string): string {
    if (ALIAS.test(name)) return name;
    const known = this.#aliases.get(name);
    this.#used.set(name, known?.kind ?? kind);
    if (known !== undefined && !this.#originals.has(known.alias)) return known.alias;
    const alias = this.#next(kind);
    this.#aliases.set(name, { kind, alias });
    return alias;
  }

  /** Replaces every known name that stands as a word of its own, the longest first. */
  replaceKnown(text: string): string {
    if (this.#known.length === 0) return text;
    this.#pattern ??= patternOf(this.#known);
    return text.replace(this.#pattern, (name) => this.#aliases.get(name)?.alias ?? name);
  }

  #next(kind: NameKind): string {
    for (;;) {
      const count = (this.#counts.get(kind) ?? 0) + 1;
      this.#counts.set(kind, count);
      if (!this.#originals.has(`${kind}-${count}`)) return `${kind}-${count}`;
    }
  }
}

const patternOf = (names: readonly string[]): RegExp => {
  const alternatives = names
    .toSorted((a, b) => b.length - a.length)
    .map((name) => name.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'));
  return new RegExp(`(?<![A-Za-z0-9])(?:${alternatives.join('|')})(?![A-Za-z0-9])`, 'g');
};
