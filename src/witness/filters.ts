import type { Family } from '../model/flow.js';

/** What the kernel compares before it writes an event. */
export interface WitnessFilters {
  /** For `net_dev_queue`, `net_dev_xmit` and `netif_receive_skb`. */
  readonly devices: string;
  /** For `kfree_skb`, which knows neither length nor device. */
  readonly drops: string;
}

/** Link-layer headers: none, Ethernet, Ethernet with one VLAN tag. */
const HEADERS = [0, 14, 18];
const ETHERTYPE: Readonly<Record<Family, number>> = { 4: 0x0800, 6: 0x86dd };
const VLAN = 0x8100;

/** The kernel keeps 256 bytes for a string of a filter and takes one page for all of it. */
const MAX_FILTER = 4000;

/**
 * Filters for packets of the given IP lengths.
 * @param devices names to which the events are limited as well, for lengths that other traffic has too; all when empty
 * @see https://docs.kernel.org/trace/events.html, "Event filtering"
 */
export const witnessFilters = (
  lengths: readonly number[],
  devices: readonly string[],
  family: Family,
): WitnessFilters => {
  const sizes = [...new Set(lengths.flatMap((length) => HEADERS.map((header) => length + header)))];
  const bySize = sizes.map((size) => `len == ${size}`).join(' || ');
  const names = devices.map(quotedName);
  const byName = names.every((name) => name !== null) ? names.map((name) => `name == ${name}`).join(' || ') : '';
  const both = byName === '' ? bySize : `(${bySize}) && (${byName})`;
  return {
    devices: both.length > MAX_FILTER ? bySize : both,
    drops: `protocol == ${ETHERTYPE[family]} || protocol == ${VLAN}`,
  };
};

/** `null` for a name that cannot be written in a filter, which knows no escapes. */
const quotedName = (name: string): string | null => {
  if (name.includes('\ufffd')) return null;
  if (!name.includes('"')) return `"${name}"`;
  return name.includes("'") ? null : `'${name}'`;
};
