import * as decoders from 'cap/lib/Decoders.js';
import type { ArpHeader, Packet, TcpHeader, UdpHeader } from '../model/packet.js';
import { isWrongChecksum } from './checksum.js';
import { isIcmp, PROTOCOL, readIcmp } from './icmp.js';
import { type IpLayer, readIpv6 } from './ip.js';
import { ETHERNET, ETHERTYPE, findPayload, isEthernet } from './link-layer.js';
import type { Frame } from './pcap.js';
import { type DatagramMark, datagramNumber } from './udp.js';

/** What all packets of a run are decoded against. */
export interface DecodeContext extends DatagramMark {
  /** Start of the run, nanoseconds since the Unix epoch. */
  readonly startedNs: bigint;
  /** Note the length of a payload and a digest of it. @default false */
  readonly payloads?: boolean;
  /** Port of a VXLAN tunnel whose packets are looked into. */
  readonly vxlanPort?: number;
}

type Headers = Pick<Packet, 'arp' | 'ip' | 'icmp' | 'tcp' | 'udp' | 'truncated'>;

const NOTHING: Headers = { arp: null, ip: null, icmp: null, tcp: null, udp: null, truncated: false };
const CUT: Headers = { ...NOTHING, truncated: true };

const MAC_BYTES = 6;
const IPV4_BYTES = 20;
const TCP_BYTES = 20;
const UDP_BYTES = 8;
const ARP_BYTES = 28;
const ICMP_BYTES = 8;
const DIGEST_BYTES = 64;
/** Of the 32-bit form. @see http://www.isthe.com/chongo/tech/comp/fnv/ */
const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Decodes the headers of one frame; of one that a VXLAN tunnel carries, those of the frame inside. Never throws:
 * `truncated` says that a header was cut off or malformed.
 */
export const decode = (frame: Frame, linkType: number, context: DecodeContext): Packet => {
  const inside = context.vxlanPort === undefined ? null : insideVxlan(frame.bytes, linkType, context.vxlanPort);
  if (inside === null) return decodeFrame(frame, linkType, context);
  const bytes = frame.bytes.subarray(inside);
  return decodeFrame({ ...frame, bytes, length: frame.length - inside }, ETHERNET, context);
};

const VXLAN_BYTES = 8;

/** Where the frame inside begins; `null` where it is none of this tunnel. @see RFC 7348 §5 */
const insideVxlan = (bytes: Buffer, linkType: number, port: number): number | null => {
  const payload = findPayload(bytes, linkType);
  const isIp = payload?.etherType === ETHERTYPE.ipv4 || payload?.etherType === ETHERTYPE.ipv6;
  const layer = payload && isIp ? readIp(bytes, payload.offset) : null;
  if (layer === null || layer.header.fragmentOffset > 0 || layer.header.protocol !== PROTOCOL.udp) return null;
  if (layer.offset + UDP_BYTES > layer.end || bytes.readUInt16BE(layer.offset + 2) !== port) return null;
  return layer.offset + UDP_BYTES + VXLAN_BYTES;
};

const decodeFrame = (frame: Frame, linkType: number, context: DecodeContext): Packet => {
  const { bytes } = frame;
  const payload = findPayload(bytes, linkType);
  const macs = isEthernet(linkType) && bytes.length >= MAC_BYTES * 2;
  return {
    at: Number(frame.epochNs - context.startedNs),
    macSource: macs ? macText(bytes, MAC_BYTES) : null,
    macDestination: macs ? macText(bytes, 0) : null,
    vlan: payload?.vlan ?? null,
    length: frame.length,
    ...(payload === null ? CUT : decodeNetwork(bytes, payload.etherType, payload.offset, context)),
  };
};

/** Where the headers of a TCP or UDP packet end, bytes from the frame's begin; the frame's own end for anything else. */
export const headersEnd = (bytes: Buffer, linkType: number): number => {
  const payload = findPayload(bytes, linkType);
  const isIp = payload?.etherType === ETHERTYPE.ipv4 || payload?.etherType === ETHERTYPE.ipv6;
  const layer = payload && isIp ? readIp(bytes, payload.offset) : null;
  if (layer === null || layer.header.fragmentOffset > 0) return bytes.length;
  const { offset, header } = layer;
  if (header.protocol === PROTOCOL.udp) return Math.min(offset + UDP_BYTES, bytes.length);
  if (header.protocol !== PROTOCOL.tcp || offset + TCP_BYTES > bytes.length) return bytes.length;
  return Math.min(offset + Math.max(TCP_BYTES, (bytes.readUInt8(offset + 12) >> 4) * 4), bytes.length);
};

const decodeNetwork = (bytes: Buffer, etherType: number | null, offset: number, mark: DecodeContext): Headers => {
  if (etherType === ETHERTYPE.arp) {
    const arp = readArp(bytes, offset);
    return arp === null ? CUT : { ...NOTHING, arp };
  }
  if (etherType !== ETHERTYPE.ipv4 && etherType !== ETHERTYPE.ipv6) return NOTHING;
  const layer = readIp(bytes, offset);
  if (layer === null) return CUT;
  const headers = decodeTransport(bytes, layer, mark);
  return { ...headers, ...checked(headers.tcp, bytes, offset, layer), ip: layer.header };
};

/** A SYN is never cut into segments by the device, so that its checksum tells. */
const checked = (tcp: TcpHeader | null, bytes: Buffer, ip: number, layer: IpLayer): Pick<Headers, 'tcp'> =>
  tcp?.flags.includes('SYN') && isWrongChecksum(bytes, ip, layer) ? { tcp: { ...tcp, badChecksum: true } } : { tcp };

const decodeTransport = (bytes: Buffer, layer: IpLayer, mark: DecodeContext): Headers => {
  const { protocol, family, fragmentOffset } = layer.header;
  if (fragmentOffset > 0) return NOTHING;
  if (protocol === PROTOCOL.tcp) {
    const tcp = readTcp(bytes, layer, mark);
    return tcp === null ? CUT : { ...NOTHING, tcp };
  }
  if (protocol === PROTOCOL.udp) {
    const udp = readUdp(bytes, layer, mark);
    return udp === null ? CUT : { ...NOTHING, udp };
  }
  if (!isIcmp(protocol, family)) return NOTHING;
  const icmp = readIcmp(bytes, layer, mark, readIp);
  if (icmp === null) return CUT;
  const digest = mark.payloads ? { digest: digestOf(bytes, layer, ICMP_BYTES) } : {};
  return { ...NOTHING, icmp: { ...icmp, ...digest } };
};

const readIp = (bytes: Buffer, offset: number): IpLayer | null =>
  offset < bytes.length && bytes.readUInt8(offset) >> 4 === 6 ? readIpv6(bytes, offset) : readIpv4(bytes, offset);

const readIpv4 = (bytes: Buffer, offset: number): IpLayer | null => {
  if (offset + IPV4_BYTES > bytes.length || bytes.readUInt8(offset) >> 4 !== 4) return null;
  const { info, offset: transport } = decoders.IPV4(bytes, offset);
  if (info.hdrlen < 5 || transport > bytes.length) return null;
  return {
    header: {
      family: 4,
      source: info.srcaddr,
      destination: info.dstaddr,
      protocol: info.protocol,
      ttl: info.ttl,
      id: info.id,
      dontFragment: (info.flags & 2) !== 0,
      fragmentOffset: info.fragoffset * 8,
      moreFragments: (info.flags & 1) !== 0,
    },
    offset: transport,
    end: Math.min(bytes.length, offset + info.totallen),
    wholeEnd: offset + info.totallen,
  };
};

const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'] as const;

const readTcp = (bytes: Buffer, { offset, end, wholeEnd }: IpLayer, { payloads }: DecodeContext): TcpHeader | null => {
  if (offset + TCP_BYTES > end) return null;
  const { info } = decoders.TCP(bytes, offset);
  return {
    sourcePort: info.srcport,
    destinationPort: info.dstport,
    sequence: info.seqno,
    acknowledgement: info.ackno ?? 0,
    flags: FLAGS.filter((_, bit) => (info.flags & (1 << bit)) !== 0),
    ...(payloads ? { payload: Math.max(wholeEnd - offset - (bytes.readUInt8(offset + 12) >> 4) * 4, 0) } : {}),
  };
};

/** FNV-1a of the first bytes of a payload and its length: what a capture holds of it whatever the link. */
const digestOf = (bytes: Buffer, { offset, end, wholeEnd }: IpLayer, headerBytes: number): number => {
  const begin = offset + headerBytes;
  let hash = FNV_BASIS ^ (wholeEnd - begin);
  for (const byte of bytes.subarray(begin, Math.min(end, begin + DIGEST_BYTES)))
    hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
};

const readUdp = (bytes: Buffer, layer: IpLayer, mark: DecodeContext): UdpHeader | null => {
  const { offset, end } = layer;
  if (offset + UDP_BYTES > end) return null;
  const { info } = decoders.UDP(bytes, offset);
  const probe = datagramNumber(bytes, offset + UDP_BYTES, end, mark);
  return {
    sourcePort: info.srcport,
    destinationPort: info.dstport,
    length: info.length + UDP_BYTES,
    ...(probe === null ? {} : { probe }),
    ...(mark.payloads ? { digest: digestOf(bytes, layer, UDP_BYTES) } : {}),
  };
};

/** Ethernet and IPv4 only. Read here, because `cap`'s decoder assigns an undeclared variable and throws in a module. */
const readArp = (bytes: Buffer, offset: number): ArpHeader | null => {
  if (offset + ARP_BYTES > bytes.length || bytes.toString('hex', offset, offset + 6) !== '000108000604') return null;
  const operation = bytes.readUInt16BE(offset + 6);
  if (operation !== 1 && operation !== 2) return null;
  return {
    operation: operation === 1 ? 'request' : 'reply',
    senderMac: macText(bytes, offset + 8),
    senderAddress: bytes.subarray(offset + 14, offset + 18).join('.'),
    targetMac: macText(bytes, offset + 18),
    targetAddress: bytes.subarray(offset + 24, offset + 28).join('.'),
  };
};

const macText = (bytes: Buffer, offset: number): string =>
  [...bytes.subarray(offset, offset + MAC_BYTES)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
