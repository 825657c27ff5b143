import type { Family, Protocol } from '../model/flow.js';
import { LINK_HEADERS, RECEIVED_HEADERS } from './lengths.js';
import { reasonsOfFormat } from './reasons.js';

/** What the kernel compares before it writes an event. */
export interface WitnessFilters {
  /** For `net_dev_queue` and `net_dev_xmit`. */
  readonly sent: string;
  /** For `netif_receive_skb`. */
  readonly received: string;
  /** For `kfree_skb`, which knows neither length nor device. */
  readonly drops: string;
}

const ETHERTYPE: Readonly<Record<Family, number>> = { 4: 0x0800, 6: 0x86dd };
const VLAN = 0x8100;

/** The kernel keeps 256 bytes for a string of a filter and takes one page for all of it. */
const MAX_FILTER = 4000;

/** Which packets are to be witnessed. */
export interface Witnessing {
  /** IP lengths of the probe's packets, requests and replies, in bytes. */
  readonly lengths: readonly number[];
  readonly family: Family;
  readonly protocol: Protocol;
  /**
   * Interface names to which the events are limited as well. For lengths that other traffic has too (TCP); leave it empty
   * for a length that the probe alone has, so that a packet is also followed over devices that nobody expects.
   */
  readonly devices: readonly string[];
}

/**
 * Filters for the packets to be witnessed.
 * @param format the `format` file of `kfree_skb`
 * @see https://docs.kernel.org/trace/events.html, "Event filtering"
 */
export const witnessFilters = ({ lengths, devices, family, protocol }: Witnessing, format: string): WitnessFilters => {
  const names = devices.map(quotedName);
  const byName = names.every((name) => name !== null) ? names.map((name) => `name == ${name}`).join(' || ') : '';
  const withHeaders = (headers: readonly number[]): string => {
    const sizes = [...new Set(lengths.flatMap((length) => headers.map((header) => length + header)))];
    const bySize = sizes.map((size) => `len == ${size}`).join(' || ');
    const both = byName === '' ? bySize : `(${bySize}) && (${byName})`;
    return both.length > MAX_FILTER ? bySize : both;
  };
  const byProtocol = `protocol == ${ETHERTYPE[family]} || protocol == ${VLAN}`;
  return {
    sent: withHeaders(LINK_HEADERS),
    received: withHeaders(RECEIVED_HEADERS),
    drops: [`(${byProtocol})`, ...withoutReasons(reasonsOfFormat(format), FOREIGN[protocol])].join(' && '),
  };
};

/**
 * Reasons for which packets of the protocol are not dropped, or which say nothing. A busy host has many of them: what a
 * closed UDP port refuses, what a closing socket leaves behind.
 */
const FOREIGN: Readonly<Record<Protocol, RegExp>> = {
  icmp: /^(?:TCP_.*|UDP_CSUM|NO_SOCKET|SOCKET_CLOSE|QUEUE_PURGE)$/,
  tcp: /^(?:UDP_CSUM|SOCKET_CLOSE|QUEUE_PURGE)$/,
  udp: /^(?:TCP_.*|SOCKET_CLOSE|QUEUE_PURGE)$/,
};

/** One comparison for each run of numbers. */
const withoutReasons = (reasons: ReadonlyMap<string, number>, unwanted: RegExp): readonly string[] => {
  const numbers = [...reasons].flatMap(([name, number]) => (unwanted.test(name) ? [number] : [])).sort((a, b) => a - b);
  const runs: [first: number, last: number][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) =>
    first === last ? `reason != ${first}` : `(reason < ${first} || reason > ${last})`,
  );
};

/** `null` for a name that cannot be written in a filter, which knows no escapes. */
const quotedName = (name: string): string | null => {
  if (name.includes('\ufffd')) return null;
  if (!name.includes('"')) return `"${name}"`;
  return name.includes("'") ? null : `'${name}'`;
};
