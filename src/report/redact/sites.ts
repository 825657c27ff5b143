import { bitsOf, contains, formatNetwork, type Ip, type Network, networkOf, overlap, parseNetwork } from './ip.js';
import { isSite, isSpanning, PUBLIC_ALIASES, privateBlockOf, USUAL_SITE } from './ranges.js';

const MOST_TRIES = 70_000;

/** A network of the run and the one that stands for it. */
export interface Site {
  readonly network: Network;
  readonly alias: Network;
  /** Whether the network is known, or only taken to be there because an address is. */
  readonly known: boolean;
}

/**
 * The sites of a run: the largest networks that are not whole blocks. Each gets an alias of its own length, in the same
 * private block or in public test space; subnets and hosts inside keep their place, so that whatever was inside a
 * network, a rule or a route still is. No alias overlaps an original.
 */
export class Sites {
  readonly #sites: Site[] = [];
  readonly #spanning: readonly Network[];
  readonly #originals: Network[];
  readonly #earlier: ReadonlyMap<string, string>;
  /** Networks that had to leave the blocks of which rules or routes speak. */
  readonly strays: string[] = [];

  /** @param earlier aliases of an earlier report of this host, which are used again */
  constructor(networks: readonly Network[], addresses: readonly Ip[], earlier: Readonly<Record<string, string>>) {
    this.#spanning = networks.filter((network) => isSpanning(network) && network.length > 0);
    this.#earlier = new Map(Object.entries(earlier));
    const known = networks.filter(isSite);
    const usual = addresses.map((ip) => networkOf(ip, USUAL_SITE[ip.family]));
    const largest = maximal([...known, ...usual]);
    this.#originals = [...largest];
    for (const network of largest)
      this.#add(
        network,
        known.some((other) => same(other, network)),
      );
  }

  get all(): readonly Site[] {
    return this.#sites;
  }

  /** The site of an address; one that was not known is added. */
  of(ip: Ip): Site {
    const found = this.#sites.find((site) => contains(site.network, ip));
    if (found) return found;
    const network = networkOf(ip, USUAL_SITE[ip.family]);
    this.#originals.push(network);
    return this.#add(network, false);
  }

  #add(network: Network, known: boolean): Site {
    const site = { network, alias: this.#allocate(network), known };
    this.#sites.push(site);
    return site;
  }

  #allocate(network: Network): Network {
    const earlier = this.#earlier.get(formatNetwork(network));
    if (earlier !== undefined) {
      const alias = parseNetwork(earlier);
      if (alias.length === network.length && this.#inTheWay(alias) === null && this.#isLike(network, alias))
        return alias;
    }
    const spaces = this.#spacesFor(network);
    const find = (fits: (slot: Network) => boolean): Network | null => {
      for (const space of spaces) {
        const alias = firstSlot(space, network.length, (slot) => this.#inTheWay(slot), fits);
        if (alias) return alias;
      }
      return null;
    };
    const alias = find((slot) => this.#isLike(network, slot));
    if (alias) return alias;
    this.strays.push(formatNetwork(network));
    const elsewhere = find(() => true);
    if (elsewhere) return elsewhere;
    throw new RangeError('there is no room for the aliases of all networks');
  }

  #spacesFor(network: Network): readonly Network[] {
    const block = privateBlockOf(network);
    if (block === null) return PUBLIC_ALIASES[network.family];
    return network.family === 4 ? [block, parseNetwork('10.0.0.0/8')] : [parseNetwork('fd00::/8')];
  }

  /** An original, or an alias that is taken, with which a slot has an address in common. */
  #inTheWay(slot: Network): Network | null {
    const original = this.#originals.find((network) => overlap(network, slot));
    return original ?? this.#sites.find((site) => overlap(site.alias, slot))?.alias ?? null;
  }

  /** Whether the same whole blocks of which rules and routes speak hold both. */
  #isLike(network: Network, slot: Network): boolean {
    return this.#spanning.every((block) => contains(block, network) === contains(block, slot));
  }
}

const same = (a: Network, b: Network): boolean => a.family === b.family && a.length === b.length && a.value === b.value;

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
 */
const firstSlot = (
  space: Network,
  length: number,
  inTheWay: (slot: Network) => Network | null,
  fits: (slot: Network) => boolean,
): Network | null => {
  if (length < space.length) return null;
  const size = 1n << BigInt(bitsOf(space.family) - length);
  const count = 1n << BigInt(length - space.length);
  let index = 0n;
  for (let tries = 0; tries < MOST_TRIES && index < count; tries += 1) {
    const value = space.value + ((count / 4n + index) % count) * size;
    const slot: Network = { family: space.family, value, length };
    const obstacle = inTheWay(slot);
    if (obstacle === null && fits(slot)) return slot;
    index += obstacle === null || obstacle.length >= length ? 1n : slotsLeft(obstacle, slot, size);
  }
  return null;
};

/** How many slots on the next one behind a larger obstacle is. */
const slotsLeft = (obstacle: Network, slot: Network, size: bigint): bigint =>
  (obstacle.value + (1n << BigInt(bitsOf(obstacle.family) - obstacle.length)) - slot.value) / size;
