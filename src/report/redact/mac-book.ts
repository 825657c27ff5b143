const GROUP_BIT = 1n << 40n;
const OUI = 0xffffffn << 24n;
/** Locally administered, as the kernel makes them. */
const FIRST = 0x020000000001n;

const DIGITS = /[0-9a-f]{2}/gi;

export const parseMac = (text: string): bigint => BigInt(`0x${(text.match(DIGITS) ?? []).join('')}`);

export const formatMac = (mac: bigint): string => mac.toString(16).padStart(12, '0').match(DIGITS)?.join(':') ?? '';

/** One alias for each MAC address. Broadcast, group and zero addresses are kept. */
export class MacBook {
  readonly #aliases: Map<bigint, bigint>;
  readonly #used = new Set<bigint>();
  readonly #taken: Set<bigint>;
  readonly #keepOui: boolean;

  /** @param originals all that occur, so that no alias equals one */
  constructor(originals: Iterable<bigint>, earlier: Readonly<Record<string, string>>, keepOui: boolean) {
    this.#keepOui = keepOui;
    const before = Object.entries(earlier).map(([mac, alias]) => [parseMac(mac), parseMac(alias)] as const);
    const occurring = new Set(originals);
    this.#aliases = new Map(before.filter(([, alias]) => !occurring.has(alias)));
    this.#taken = new Set([...occurring, ...this.#aliases.values()]);
  }

  get used(): ReadonlySet<bigint> {
    return this.#used;
  }

  map(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#aliases].map(([mac, alias]) => [formatMac(mac), formatMac(alias)]));
  }

  aliasNumber(mac: bigint): bigint {
    if (mac === 0n || (mac & GROUP_BIT) !== 0n) return mac;
    this.#used.add(mac);
    const known = this.#aliases.get(mac);
    if (known !== undefined) return known;
    const base = this.#keepOui ? (mac & OUI) + 1n : FIRST;
    let alias = base;
    while (this.#taken.has(alias)) alias += 1n;
    this.#taken.add(alias);
    this.#aliases.set(mac, alias);
    return alias;
  }
}
