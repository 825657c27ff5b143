import { contains, formatIp, hostPart, type Ip, type Network, parseIp } from './ip.js';
import type { MacBook } from './mac-book.js';
import { isKept, isSpanning, privateBlockOf } from './ranges.js';
import { Sites } from './sites.js';

const SOLICITED_NODE: Network = { family: 6, value: 0xff0200000000000000000001ff000000n, length: 104 };
const LINK_LOCAL: Network = { family: 6, value: 0xfe80n << 112n, length: 10 };
const INTERFACE_ID = 0xffffffffffffffffn;
/** Interface identifiers up to this are given by hand and tell nothing. */
const SMALL_ID = 0xffffn;

export interface AddressMap {
  readonly networks: Readonly<Record<string, string>>;
  readonly hosts: Readonly<Record<string, string>>;
  readonly macs: Readonly<Record<string, string>>;
}

/** One alias for each address and MAC of a run. */
export class AddressBook {
  readonly macs: MacBook;
  readonly #sites: Sites;
  readonly #known: readonly Network[];
  readonly #hosts: Map<string, string>;
  readonly #takenHosts: Set<string>;
  readonly #aliases = new Map<string, string>();
  /** Last 24 bits of IPv6 addresses and of their aliases. */
  readonly #lastBits = new Map<bigint, bigint>();

  constructor(networks: readonly Network[], addresses: readonly Ip[], earlier: AddressMap, macs: MacBook) {
    const named = addresses.filter((ip) => !isKept(ip) && this.#embedded(ip) === null);
    this.macs = macs;
    this.#known = networks;
    this.#sites = new Sites(networks, named, earlier.networks);
    this.#hosts = new Map(Object.entries(earlier.hosts));
    this.#takenHosts = new Set(this.#hosts.values());
    for (const ip of named.toSorted((a, b) => (a.value < b.value ? -1 : 1))) this.alias(ip);
    for (const ip of addresses) this.alias(ip);
  }

  /** The aliases made so far: addresses as they are written, each with its alias. */
  get used(): ReadonlyMap<string, string> {
    return this.#aliases;
  }

  get strays(): readonly string[] {
    return this.#sites.strays;
  }

  map(): AddressMap {
    return {
      networks: this.#sites.map(),
      hosts: Object.fromEntries(this.#hosts),
      macs: this.macs.map(),
    };
  }

  /** The text of the alias; the address itself where it is kept. */
  alias(ip: Ip): string {
    const text = formatIp(ip);
    const known = this.#aliases.get(text);
    if (known !== undefined) return known;
    const other = this.#aliasOf(ip);
    if (ip.family === 6 && !isKept(ip)) this.#lastBits.set(ip.value & 0xffffffn, other.value & 0xffffffn);
    const alias = formatIp(other);
    if (alias !== text) this.#aliases.set(text, alias);
    return alias;
  }

  aliasValue(ip: Ip): bigint {
    return parseIp(this.alias(ip))?.value ?? ip.value;
  }

  /** The alias of a network; whole blocks are kept. */
  network(network: Network): string {
    return isSpanning(network) ? formatIp(network) : this.alias(network);
  }

  #aliasOf(ip: Ip): Ip {
    if (contains(SOLICITED_NODE, ip)) return this.#solicited(ip);
    if (contains(LINK_LOCAL, ip))
      return { family: 6, value: (ip.value & ~INTERFACE_ID) | (this.#hardwareId(ip) ?? ip.value & INTERFACE_ID) };
    if (isKept(ip)) return ip;
    const mapped = this.#embedded(ip);
    if (mapped !== null) return { family: 6, value: (0xffffn << 32n) | this.#aliasOf(mapped).value };
    const site = this.#sites.of(ip);
    return { family: ip.family, value: site.alias.value + this.#host(ip, site.network, site.alias, site.known) };
  }

  /** The place of the host in its network: kept, but for hosts of unknown public networks, and for telling identifiers. */
  #host(ip: Ip, network: Network, alias: Network, known: boolean): bigint {
    const host = hostPart(network, ip);
    if (ip.family === 4)
      return known || privateBlockOf(ip) !== null || host === 0n ? host : this.#numbered(ip, alias, 1n);
    const hardware = network.length <= 64 ? this.#hardwareId(ip) : null;
    if (hardware !== null) return (host & ~INTERFACE_ID) | hardware;
    const subnet = this.#known.some((other) => other.length > 64 && other.length < 128 && contains(other, ip));
    if (subnet || (ip.value & INTERFACE_ID) <= SMALL_ID) return host;
    const inSubnet = { ...alias, value: alias.value + (host & ~INTERFACE_ID) };
    return (host & ~INTERFACE_ID) + this.#numbered(ip, inSubnet, SMALL_ID + 1n);
  }

  /** The next free number in a network, remembered. Addresses that are known from the start are numbered in order. */
  #numbered(ip: Ip, alias: Network, first: bigint): bigint {
    const text = formatIp(ip);
    const earlier = parseIp(this.#hosts.get(text) ?? '');
    if (earlier && contains(alias, earlier)) return hostPart(alias, earlier);
    for (let number = first; ; number += 1n) {
      const candidate = formatIp({ family: ip.family, value: alias.value + number });
      if (this.#takenHosts.has(candidate)) continue;
      this.#takenHosts.add(candidate);
      this.#hosts.set(text, candidate);
      return number;
    }
  }

  /** The interface identifier with the alias of the MAC that it was made from; `null` when it was made otherwise. */
  #hardwareId(ip: Ip): bigint | null {
    const id = ip.value & INTERFACE_ID;
    if (((id >> 24n) & 0xffffn) !== 0xfffen) return null;
    const mac = (((id >> 40n) ^ 0x020000n) << 24n) | (id & 0xffffffn);
    const alias = this.macs.aliasNumber(mac);
    return (((alias >> 24n) ^ 0x020000n) << 40n) | (0xfffen << 24n) | (alias & 0xffffffn);
  }

  /** The IPv4 address in an IPv4-mapped one. */
  #embedded(ip: Ip): Ip | null {
    return ip.family === 6 && ip.value >> 32n === 0xffffn ? { family: 4, value: ip.value & 0xffffffffn } : null;
  }

  /** A solicited-node address carries the last 24 bits of the address that it asks for. */
  #solicited(ip: Ip): Ip {
    return { family: 6, value: SOLICITED_NODE.value | this.lastBits(ip.value & 0xffffffn) };
  }

  /** The last 24 bits of the alias of an address that ends in these. */
  lastBits(bits: bigint): bigint {
    return this.#lastBits.get(bits) ?? bits;
  }
}
