import { parseAddress } from '../address.js';
import { addressTypeOf } from '../address-type.js';
import { tcpFlagBits } from '../field-matches.js';
import type { Scene, Unknown } from '../program.js';
import {
  connectionAt,
  connectionMark,
  etherTypeOf,
  hasConnection,
  isArp,
  originalTuple,
  protocolNumber,
  unknown,
} from '../program.js';
import type { ArpFrame, HookPacket } from '../types.js';
import type { Datum, Domain } from './domains.js';
import * as domain from './domains.js';
import { listOf, member, textOf } from './json.js';

/** What a field of the packet holds; `null` when the packet has no such field, so that the rule does not match. */
export type Reading = Datum | Unknown | null;

export interface Field {
  readonly domain: Domain;
  readonly read: (packet: HookPacket, scene: Scene) => Reading;
}

const field = (of: Domain, read: Field['read']): Field => ({ domain: of, read });
const number = (value: number | null, what: string): Reading =>
  value === null ? unknown(`${what} is not known`) : BigInt(value);
const notKnown = (what: string): Field => field(domain.name, () => unknown(`${what} is not known`));

const addressOf = (text: string | null | undefined, what: string): Reading =>
  parseAddress(text ?? '')?.value ?? unknown(`the ${what} is not known`);

const ip = (family: 4 | 6, of: Domain, read: Field['read']): Field =>
  field(of, (packet, scene) => (packet.family === family ? read(packet, scene) : null));

const ports = (protocol: 'tcp' | 'udp'): Readonly<Record<string, Field>> => ({
  sport: field(domain.integer, (packet) =>
    packet.protocol === protocol ? number(packet.sourcePort, 'the source port') : null,
  ),
  dport: field(domain.integer, (packet) =>
    packet.protocol === protocol ? number(packet.destinationPort, 'the destination port') : null,
  ),
});

/** `th` reads where the ports of any transport are; in ICMP type and code lie there, and the checksum. */
const transport: Readonly<Record<string, Field>> = {
  sport: field(domain.integer, ({ protocol, sourcePort, icmp: header }) => {
    if (protocol !== 'icmp') return number(sourcePort, 'the source port');
    return number(header === null ? null : header.type * 256 + header.code, 'the ICMP type');
  }),
  dport: field(domain.integer, ({ protocol, destinationPort }) =>
    number(protocol === 'icmp' ? null : destinationPort, protocol === 'icmp' ? 'the checksum' : 'the destination port'),
  ),
};

const icmp = (family: 4 | 6, types: Domain, codes: Domain): Readonly<Record<string, Field>> => {
  const part = (of: Domain, key: 'type' | 'code'): Field =>
    field(of, (packet) => {
      if (packet.protocol !== 'icmp' || packet.family !== family) return null;
      return number(packet.icmp?.[key] ?? null, `the ICMP ${key}`);
    });
  return { type: part(types, 'type'), code: part(codes, 'code') };
};

const headerLength = (packet: HookPacket): number => (packet.family === 4 ? 20 : 40);

/** At the hooks of IP Ethernet headers are there on receive alone. */
const ether = (of: Domain, read: Field['read']): Field =>
  field(of, (packet, scene) =>
    scene.layer === 'ip' && (packet.iif === null || scene.hook === 'postrouting') ? null : read(packet, scene),
  );

const macOf = (text: string | null | undefined, what: string): Reading =>
  domain.mac.parse(text) ?? unknown(`the ${what} is not known`);

const arp = (of: Domain, read: (frame: ArpFrame) => Reading): Field =>
  field(of, ({ frame }) => (frame === undefined || frame.arp === null ? null : read(frame.arp)));

/** `null` for the fields of IP where the frame carries ARP. */
const notArp = (of: Field): Field =>
  field(of.domain, (packet, scene) => (isArp(packet) ? null : of.read(packet, scene)));

const PAYLOAD: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  ip: {
    saddr: ip(4, domain.address, (packet) => addressOf(packet.source, 'source address')),
    daddr: ip(4, domain.address, (packet) => addressOf(packet.destination, 'destination address')),
    protocol: ip(4, domain.protocol, (packet) => BigInt(protocolNumber(packet))),
    ttl: ip(4, domain.integer, (packet) => BigInt(packet.ttl)),
    length: ip(4, domain.integer, (packet) => BigInt(packet.length)),
    version: ip(4, domain.integer, () => 4n),
    hdrlength: ip(4, domain.integer, () => 5n),
    'frag-off': ip(4, domain.integer, () => 0n),
  },
  ip6: {
    saddr: ip(6, domain.address, (packet) => addressOf(packet.source, 'source address')),
    daddr: ip(6, domain.address, (packet) => addressOf(packet.destination, 'destination address')),
    nexthdr: ip(6, domain.protocol, (packet) => BigInt(protocolNumber(packet))),
    hoplimit: ip(6, domain.integer, (packet) => BigInt(packet.ttl)),
    length: ip(6, domain.integer, (packet) => BigInt(packet.length - 40)),
    version: ip(6, domain.integer, () => 6n),
  },
  tcp: {
    ...ports('tcp'),
    flags: field(domain.tcpFlags, (packet) =>
      packet.protocol === 'tcp' ? BigInt(tcpFlagBits(packet.tcpFlags)) : null,
    ),
  },
  udp: {
    ...ports('udp'),
    length: field(domain.integer, (packet) =>
      packet.protocol === 'udp' ? BigInt(packet.length - headerLength(packet)) : null,
    ),
  },
  th: transport,
  icmp: icmp(4, domain.icmpType, domain.icmpCode),
  icmpv6: icmp(6, domain.icmp6Type, domain.icmp6Code),
  ether: {
    saddr: ether(domain.mac, (packet) => macOf(packet.macSource, 'source MAC')),
    daddr: ether(domain.mac, ({ frame }) => macOf(frame?.macDestination, 'destination MAC')),
    type: ether(domain.etherType, (packet) => BigInt(etherTypeOf(packet))),
  },
  arp: {
    operation: arp(domain.arpOperation, ({ operation }) => (operation === 'request' ? 1n : 2n)),
    htype: arp(domain.integer, () => 1n),
    ptype: arp(domain.etherType, () => 0x0800n),
    hlen: arp(domain.integer, () => 6n),
    plen: arp(domain.integer, () => 4n),
    'saddr ether': arp(domain.mac, ({ senderMac }) => macOf(senderMac, 'MAC of the sender')),
    'saddr ip': arp(domain.address, ({ senderAddress }) => addressOf(senderAddress, 'address of the sender')),
    'daddr ether': arp(domain.mac, ({ targetMac }) => macOf(targetMac, 'MAC of the target')),
    'daddr ip': arp(domain.address, ({ targetAddress }) => addressOf(targetAddress, 'address of the target')),
  },
};

/** Protocols that none of our packets carry: a field of theirs never matches. */
const OTHER_PROTOCOLS = new Set(['udplite', 'sctp', 'dccp', 'ah', 'esp', 'comp', 'igmp', 'vlan', 'gre']);

const RAW: Readonly<Record<string, Readonly<Record<string, readonly [string, string]>>>> = {
  4: {
    'nh,64,8': ['ip', 'ttl'],
    'nh,72,8': ['ip', 'protocol'],
    'nh,96,32': ['ip', 'saddr'],
    'nh,128,32': ['ip', 'daddr'],
  },
  6: { 'nh,48,8': ['ip6', 'nexthdr'], 'nh,64,128': ['ip6', 'saddr'], 'nh,192,128': ['ip6', 'daddr'] },
};
const RAW_TRANSPORT: Readonly<Record<string, string>> = { 'th,0,16': 'sport', 'th,16,16': 'dport' };

const RAW_ETHER: Readonly<Record<string, string>> = { 'll,0,48': 'daddr', 'll,48,48': 'saddr', 'll,96,16': 'type' };

const rawPayload = (place: string): Field =>
  field(domain.integer, (packet, scene) => {
    const etherKey = RAW_ETHER[place];
    if (etherKey !== undefined) return PAYLOAD['ether']?.[etherKey]?.read(packet, scene) ?? null;
    if (isArp(packet)) return unknown(`the bytes at @${place} are not known`);
    const [header, key] = RAW[packet.family]?.[place] ?? ['th', RAW_TRANSPORT[place] ?? ''];
    return PAYLOAD[header]?.[key]?.read(packet, scene) ?? unknown(`the bytes at @${place} are not known`);
  });

/** `{"payload": {"protocol", "field"}}` or `{"payload": {"base", "offset", "len"}}`. */
export const payloadField = (body: unknown): Field => {
  const protocol = textOf(member(body, 'protocol'));
  const key = textOf(member(body, 'field')) ?? '';
  if (protocol === null) {
    return rawPayload(`${member(body, 'base')},${member(body, 'offset')},${member(body, 'len')}`);
  }
  if (OTHER_PROTOCOLS.has(protocol)) return field(domain.integer, () => null);
  const header = Object.hasOwn(PAYLOAD, protocol) ? PAYLOAD[protocol] : undefined;
  const known = header !== undefined && Object.hasOwn(header, key) ? header[key] : undefined;
  const found = known ?? notKnown(`${protocol} ${key}`);
  return protocol === 'ether' || protocol === 'arp' ? found : notArp(found);
};

const NET_PROTOCOL = { bridge: 7n, arp: 3n, netdev: 5n } as const;

/** At the hooks of a bridge every frame that is not for the bridge itself counts as another host's. */
const frameType = ({ frame }: HookPacket, hook: Scene['hook']): Reading => {
  const mac = domain.mac.parse(frame?.macDestination);
  if (typeof mac !== 'bigint') return unknown('the destination MAC is not known');
  if (mac === 0xffffffffffffn) return 1n;
  if ((mac >> 40n) & 1n) return 2n;
  return hook === 'input' ? 0n : unknown('whether the frame is for this host or another is not known');
};

const socketOwner: Field = field(domain.name, (packet, { hook }) =>
  packet.iif === null && (hook === 'output' || hook === 'postrouting')
    ? unknown('the owner of the sending socket is not known')
    : null,
);

const META: Readonly<Record<string, Field>> = {
  iifname: field(domain.interfaceName, (packet) => packet.iif ?? ''),
  oifname: field(domain.interfaceName, (packet) => packet.oif ?? ''),
  iif: field(domain.name, (packet) => packet.iif ?? '0'),
  oif: field(domain.name, (packet) => packet.oif ?? '0'),
  ibrname: field(domain.interfaceName, ({ frame }) => frame?.bridgeIn ?? null),
  obrname: field(domain.interfaceName, ({ frame }) => frame?.bridgeOut ?? null),
  mark: field(domain.mark, (packet) => BigInt(packet.mark)),
  length: field(domain.integer, (packet) => BigInt(packet.length)),
  l4proto: notArp(field(domain.protocol, (packet) => BigInt(protocolNumber(packet)))),
  nfproto: field(domain.netProtocol, (packet, { layer }) =>
    layer === 'ip' ? (packet.family === 4 ? 2n : 10n) : NET_PROTOCOL[layer],
  ),
  protocol: field(domain.etherType, (packet) => BigInt(etherTypeOf(packet))),
  pkttype: field(domain.packetType, (packet, { context, hook, layer }) => {
    if (layer !== 'ip') return frameType(packet, hook);
    const type = addressTypeOf(context, packet.destination, null);
    if (type === null) return unknown(`the type of ${packet.destination} is not known`);
    return type === 'broadcast' ? 1n : type === 'multicast' ? 2n : 0n;
  }),
  skuid: socketOwner,
  skgid: socketOwner,
};

export const metaField = (body: unknown): Field => {
  const key = textOf(member(body, 'key')) ?? '';
  return (Object.hasOwn(META, key) ? META[key] : undefined) ?? notKnown(`meta ${key}`);
};

const STATE_BITS = { invalid: 1n, established: 2n, related: 4n, new: 8n, untracked: 64n } as const;

const ON_BRIDGE = 'whether connections are followed on the bridge is not known';

const tracked = (of: Domain, read: Field['read']): Field =>
  field(of, (packet, scene) => {
    if (scene.layer === 'bridge') return unknown(ON_BRIDGE);
    return hasConnection(packet, scene) ? read(packet, scene) : null;
  });

const CT: Readonly<Record<string, Field>> = {
  state: field(domain.connectionState, (packet, scene) =>
    scene.layer === 'bridge' ? unknown(ON_BRIDGE) : STATE_BITS[connectionAt(packet, scene)],
  ),
  direction: tracked(domain.direction, (packet) => (packet.connectionDirection === 'original' ? 0n : 1n)),
  mark: tracked(domain.mark, (packet) => number(connectionMark(packet), 'the mark of the connection')),
  l3proto: tracked(domain.netProtocol, (packet) => (packet.family === 4 ? 2n : 10n)),
  protocol: tracked(domain.protocol, (packet) => BigInt(protocolNumber(packet))),
  status: tracked(domain.connectionStatus, ({ connection, connectionStatus: done }) => {
    const replied = connection === 'new' ? 0n : 2n;
    return replied | (done.includes('snat') ? 16n : 0n) | (done.includes('dnat') ? 32n : 0n);
  }),
};

const originalField = (key: string): Field | null => {
  const tuple = (of: Domain, pick: (original: NonNullable<ReturnType<typeof originalTuple>>) => Reading): Field =>
    tracked(of, (packet) => {
      const original = originalTuple(packet);
      return original === null ? unknown('the tuple before translation is not known') : pick(original);
    });
  if (/^(ip6? )?saddr$/.test(key)) return tuple(domain.address, (original) => addressOf(original.source, 'source'));
  if (/^(ip6? )?daddr$/.test(key))
    return tuple(domain.address, (original) => addressOf(original.destination, 'destination'));
  if (key === 'proto-src') return tuple(domain.integer, (original) => number(original.sourcePort, 'the source port'));
  if (key === 'proto-dst')
    return tuple(domain.integer, (original) => number(original.destinationPort, 'the destination port'));
  return null;
};

export const connectionField = (body: unknown): Field => {
  const key = textOf(member(body, 'key')) ?? '';
  const dir = textOf(member(body, 'dir'));
  const found = dir === 'original' ? originalField(key) : dir === null && Object.hasOwn(CT, key) ? CT[key] : null;
  return found ?? notKnown(`ct ${dir === null ? '' : `${dir} `}${key}`);
};

/** `fib daddr type` and the reverse-path test `fib saddr . iif oif`. */
export const fibField = (body: unknown): Field => {
  const flags = new Set(listOf(member(body, 'flags')));
  const side = flags.has('saddr') ? 'source' : 'destination';
  const device = flags.has('iif') ? 'iif' : flags.has('oif') ? 'oif' : null;
  if (member(body, 'result') === 'type') {
    return field(domain.name, (packet, { context }) => {
      const type = addressTypeOf(context, packet[side], device === null ? null : packet[device]);
      return type ?? unknown(`the type of ${packet[side]} is not known`);
    });
  }
  if (side === 'destination') return notKnown('the route of fib daddr oif');
  return field(domain.integer, (packet, { context }) => {
    if (packet.iif === 'lo') return 1n;
    const found = context.reversePathOk?.(packet, device === null, true) ?? null;
    return found === null ? unknown('the route back was not looked up') : found ? 1n : 0n;
  });
};
