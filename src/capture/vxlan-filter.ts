import ipaddr from 'ipaddr.js';
import type { Family, Flow } from '../model/flow.js';
import { ICMP_TYPE } from '../model/icmp.js';
import type { Hop } from '../model/path.js';
import { anyOf, type FilterOptions, hexWord, LONG_OFFSET, oneOf, sameFamily, tokenOffset } from './filter.js';
import { PROTOCOL } from './icmp.js';

/** Headers between the begin of the UDP header and what the tunnel carries. @see RFC 7348 §5 */
const UDP_AND_VXLAN = 16;
const TYPE_OFFSET = UDP_AND_VXLAN + 12;
const NETWORK_OFFSET = UDP_AND_VXLAN + 14;

/** Where the inner header has what is asked for; no options and no extension headers before the transport. */
const LAYOUT = {
  4: { etherType: '0x0800', protocol: 9, addresses: [12, 16], transport: 20, icmp: PROTOCOL.icmp },
  6: { etherType: '0x86dd', protocol: 6, addresses: [8, 24], transport: 40, icmp: PROTOCOL.icmpv6 },
} as const satisfies Record<Family, unknown>;

/** The address field in the ARP payload of sender and target. */
const ARP_ADDRESSES = [14, 24];

/**
 * The BPF text that selects the flow, its ICMP errors and its ARP inside of the packets of a VXLAN tunnel, in both
 * directions. An outer IPv6 header has no extensions.
 * @see pcap-filter(7)
 */
export const vxlanFilter = (
  flow: Flow,
  token: string,
  { port, outerFamily }: NonNullable<Hop['inside']>,
  options: FilterOptions,
): string => {
  const at = (offset: number, bytes: number): string =>
    outerFamily === 4 ? `udp[${offset}:${bytes}]` : `ip6[${40 + offset}:${bytes}]`;
  const inner = LAYOUT[flow.family];
  const transport = NETWORK_OFFSET + inner.transport;
  const word = (address: string, offset: number): string => {
    const bytes = ipaddr.parse(address).toByteArray();
    const words = Array.from({ length: bytes.length / 4 }, (_, index) => index * 4);
    return `(${words.map((from) => `${at(offset + from, 4)}=${hexWord(bytes.slice(from, from + 4))}`).join(' and ')})`;
  };
  const addresses = sameFamily([flow.destination, flow.source, ...options.addresses], flow.family);
  const touches = anyOf(
    addresses.flatMap((address) => inner.addresses.map((offset) => word(address, NETWORK_OFFSET + offset))),
  );
  const protocol = (number: number): string => `${at(NETWORK_OFFSET + inner.protocol, 1)}=${number}`;
  const echo = (marked: string, offset: number | null): string =>
    offset === null
      ? `${protocol(inner.icmp)} and ${touches}`
      : `${protocol(inner.icmp)} and ${at(transport + offset, 4)}=0x${marked}`;
  const ports = [...new Set([flow.port, ...options.ports].filter((one) => one !== null))];
  const byPort = anyOf(ports.flatMap((one) => [0, 2].map((offset) => `${at(transport + offset, 2)}=${one}`)));
  const parts = [
    flow.protocol === 'icmp'
      ? echo(token, tokenOffset(options.size))
      : `${protocol(PROTOCOL[flow.protocol])} and ${touches}${ports.length === 0 ? '' : ` and ${byPort}`}`,
    ...(options.echoes ?? []).map((further) => echo(further, LONG_OFFSET)),
    `${protocol(inner.icmp)} and ${oneOf(at(transport, 1), ICMP_TYPE[flow.family].errors)} and ${touches}`,
  ].map((part) => `(${at(TYPE_OFFSET, 2)}=${inner.etherType} and ${part})`);
  const arp = sameFamily(options.neighbours, 4).flatMap((address) =>
    ARP_ADDRESSES.map((offset) => word(address, NETWORK_OFFSET + offset)),
  );
  const neighbours = flow.family === 4 && arp.length > 0 ? [`(${at(TYPE_OFFSET, 2)}=0x0806 and ${anyOf(arp)})`] : [];
  return `udp dst port ${port} and ${anyOf([...parts, ...neighbours])}`;
};
