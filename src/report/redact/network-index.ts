import { contains, type Ip, type Network, networkOf } from './ip.js';

/** Networks by their prefixes, so that many thousand can be asked. */
export class NetworkIndex<T> {
  /** By family and length: the values of the networks of that length. */
  readonly #lengths = new Map<
    string,
    {
      readonly length: number;
      readonly family: number;
      readonly entries: Map<bigint, { readonly network: Network; readonly value: T }>;
    }
  >();

  add(network: Network, value: T): void {
    const key = `${network.family}/${network.length}`;
    const known = this.#lengths.get(key) ?? { length: network.length, family: network.family, entries: new Map() };
    known.entries.set(network.value, { network, value });
    this.#lengths.set(key, known);
  }

  /** What is kept for a network that holds an address and is no longer than `longest`. */
  covering(ip: Ip, longest = 128): { readonly network: Network; readonly value: T } | null {
    for (const { length, family, entries } of this.#lengths.values()) {
      if (family !== ip.family || length > longest) continue;
      const found = entries.get(networkOf(ip, length).value);
      if (found) return found;
    }
    return null;
  }

  /** A network that has an address in common with this one. */
  overlapping(network: Network): Network | null {
    const around = this.covering(network, network.length);
    if (around) return around.network;
    for (const { length, family, entries } of this.#lengths.values()) {
      if (family !== network.family || length <= network.length) continue;
      for (const { network: inner } of entries.values()) if (contains(network, inner)) return inner;
    }
    return null;
  }
}
