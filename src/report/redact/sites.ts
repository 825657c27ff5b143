import { bitsOf, contains, formatNetwork, type Ip, type Network, networkOf, parseNetwork } from './ip.js';
import { NetworkIndex } from './network-index.js';
import { isSite, isSpanning, PUBLIC_ALIASES, privateBlockOf, USUAL_SITE } from './ranges.js';

const MOST_TRIES = 70_000;

/** A network of the run and the one that stands for it. */
export interface Site {
  readonly network: Network;
  readonly alias: Network;
  /** Whether networks in it are known, or it is only taken to be there because an address is. */
  readonly known: boolean;
}

/**
 * The sites of a run: the largest networks that are not whole blocks. Each gets an alias of its own length, in the same
 * private block or in public test space; subnets and hosts inside keep their place, so that whatever was inside a
 * network, a rule or a route still is. No alias overlaps an original while there is room.
 */
export class Sites {
  readonly #sites = new NetworkIndex<Site>();
  readonly #aliases = new NetworkIndex<null>();
  readonly #originals = new NetworkIndex<null>();
  readonly #spanning: readonly Network[];
  readonly #earlier: ReadonlyMap<string, string>;
  /** Where the search for a free network went on last, by space, length and blocks. */
  readonly #cursors = new Map<string, bigint>();
  readonly #map = new Map<string, string>();
  /** Networks whose alias had to leave the blocks of which rules or routes speak, or overlaps an original. */
  readonly strays: string[] = [];

  /** @param earlier aliases of an earlier report of this host, which are used again */
  constructor(networks: readonly Network[], addresses: readonly Ip[], earlier: Readonly<Record<string, string>>) {
    this.#spanning = networks.filter((network) => isSpanning(network) && network.length > 0);
    this.#earlier = new Map(Object.entries(earlier));
    const known = networks.filter(isSite);
    const usual = addresses.map((ip) => networkOf(ip, USUAL_SITE[ip.family]));
    const largest = maximal([...known, ...usual]);
    for (const network of largest) this.#originals.add(network, null);
    const withKnown = new Set(known.map((network) => this.#originals.covering(network)?.network));
    for (const network of largest) this.#add(network, withKnown.has(network));
  }

  /** The networks and their aliases as texts. */
  map(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#map);
  }

  /** The site of an address; one that was not known is added. */
  of(ip: Ip): Site {
    const found = this.#sites.covering(ip);
    if (found) return found.value;
    const network = networkOf(ip, USUAL_SITE[ip.family]);
    this.#originals.add(network, null);
    return this.#add(network, false);
  }

  #add(network: Network, known: boolean): Site {
    const site = { network, alias: this.#allocate(network), known };
    this.#sites.add(network, site);
    this.#aliases.add(site.alias, null);
    this.#map.set(formatNetwork(network), formatNetwork(site.alias));
    return site;
  }

  #allocate(network: Network): Network {
    const earlier = this.#earlier.get(formatNetwork(network));
    if (earlier !== undefined) {
      const alias = parseNetwork(earlier);
      if (alias.length === network.length && this.#inTheWay(alias) === null && this.#isLike(network, alias))
        return alias;
    }
    const best = this.#find(
      network,
      `like ${this.#blocksOf(network)}`,
      (slot) => this.#inTheWay(slot),
      (slot) => this.#isLike(network, slot),
    );
    if (best) return best;
    this.strays.push(formatNetwork(network));
    const other =
      this.#find(
        network,
        'free',
        (slot) => this.#inTheWay(slot),
        () => true,
      ) ??
      this.#find(
        network,
        'any',
        (slot) => this.#aliases.overlapping(slot),
        (slot) => slot.value !== network.value,
      );
    if (other) return other;
    throw new RangeError('there is no room for the aliases of all networks');
  }

  #find(
    network: Network,
    why: string,
    inTheWay: (slot: Network) => Network | null,
    fits: (slot: Network) => boolean,
  ): Network | null {
    for (const space of this.#spacesFor(network)) {
      const key = `${formatNetwork(space)} ${network.length} ${why}`;
      const found = firstSlot(space, network.length, this.#cursors.get(key) ?? 0n, inTheWay, fits);
      this.#cursors.set(key, found?.next ?? 1n << BigInt(Math.max(0, network.length - space.length)));
      if (found) return found.slot;
    }
    return null;
  }

  #spacesFor(network: Network): readonly Network[] {
    const block = privateBlockOf(network);
    if (block === null) return PUBLIC_ALIASES[network.family];
    return network.family === 4 ? [block, parseNetwork('10.0.0.0/8')] : [parseNetwork('fd00::/8')];
  }

  /** An original, or an alias that is taken, with which a slot has an address in common. */
  #inTheWay(slot: Network): Network | null {
    return this.#originals.overlapping(slot) ?? this.#aliases.overlapping(slot);
  }

  /** Whether the same whole blocks of which rules and routes speak hold both. */
  #isLike(network: Network, slot: Network): boolean {
    return this.#spanning.every((block) => contains(block, network) === contains(block, slot));
  }

  #blocksOf(network: Network): string {
    return this.#spanning.map((block) => (contains(block, network) ? '1' : '0')).join('');
  }
}

/** The networks that lie in no other, each once. */
const maximal = (networks: readonly Network[]): readonly Network[] => {
  const kept: Network[] = [];
  const byPlace = networks.toSorted(
    (a, b) => a.family - b.family || (a.value < b.value ? -1 : a.value > b.value ? 1 : a.length - b.length),
  );
  for (const network of byPlace) {
    const last = kept.at(-1);
    if (!last || !contains(last, network)) kept.push(network);
  }
  return kept;
};

/**
 * The first subnet of a space that fits, from a quarter of the way on, so that aliases do not look like the usual first
 * networks. What is in the way is passed over as a whole.
 * @param start how many subnets were passed before
 */
const firstSlot = (
  space: Network,
  length: number,
  start: bigint,
  inTheWay: (slot: Network) => Network | null,
  fits: (slot: Network) => boolean,
): { readonly slot: Network; readonly next: bigint } | null => {
  if (length < space.length) return null;
  const size = 1n << BigInt(bitsOf(space.family) - length);
  const count = 1n << BigInt(length - space.length);
  let index = start;
  for (let tries = 0; tries < MOST_TRIES && index < count; tries += 1) {
    const value = space.value + ((count / 4n + index) % count) * size;
    const slot: Network = { family: space.family, value, length };
    const obstacle = inTheWay(slot);
    if (obstacle === null && fits(slot)) return { slot, next: index + 1n };
    index += obstacle === null || obstacle.length >= length ? 1n : slotsLeft(obstacle, slot, size);
  }
  return null;
};

/** How many slots on the next one behind a larger obstacle is. */
const slotsLeft = (obstacle: Network, slot: Network, size: bigint): bigint =>
  (obstacle.value + (1n << BigInt(bitsOf(obstacle.family) - obstacle.length)) - slot.value) / size;
