import type { Family } from '../model/flow.js';
import { ICMP_TYPE, isIcmpError } from '../model/icmp.js';
import type { IcmpHeader, QuotedPacket } from '../model/packet.js';
import { type IpLayer, ipv6Text } from './ip.js';
import { type DatagramMark, datagramNumber } from './udp.js';

/** IANA protocol numbers. */
export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;

export const NEIGHBOUR = { solicitation: 135, advertisement: 136 } as const;

const HEADER_BYTES = 8;
/** `ping -p` fills the payload, then overwrites its first 16 bytes with the time. */
const TIMEVAL_BYTES = 16;
const TOKEN_BYTES = 4;

type ReadIp = (bytes: Buffer, offset: number) => IpLayer | null;

/**
 * Reads an ICMP or ICMPv6 header, with the packet that an error quotes; `null` when the header does not fit.
 * @param mark of the probe's payload; only an equal token is reported
 * @param readIp reads the quoted IP header
 */
export const readIcmp = (bytes: Buffer, layer: IpLayer, mark: DatagramMark, readIp: ReadIp): IcmpHeader | null => {
  const { offset, end } = layer;
  const { family } = layer.header;
  if (offset + HEADER_BYTES > end) return null;
  const type = bytes.readUInt8(offset);
  const code = bytes.readUInt8(offset + 1);
  const types = ICMP_TYPE[family];
  const echo = type === types.request || type === types.reply;
  const error = isIcmpError(family, type);
  const neighbour = family === 6 && (type === NEIGHBOUR.solicitation || type === NEIGHBOUR.advertisement);
  return {
    type,
    code,
    id: echo ? bytes.readUInt16BE(offset + 4) : null,
    sequence: echo ? bytes.readUInt16BE(offset + 6) : null,
    token: echo ? ownToken(payloadToken(bytes, offset, end), mark) : null,
    nextHopMtu: error ? readMtu(bytes, offset, family, type, code) : null,
    quoted: error ? readQuoted(bytes.subarray(0, end), offset + HEADER_BYTES, mark, readIp) : null,
    ...(neighbour && offset + 24 <= end ? { target: ipv6Text(bytes, offset + 8) } : {}),
  };
};

const ownToken = (found: string | null, { token, furtherTokens = [] }: DatagramMark): string | null =>
  found !== null && (found === token || furtherTokens.includes(found)) ? found : null;

const readMtu = (bytes: Buffer, offset: number, family: Family, type: number, code: number): number | null => {
  if (family === 6) return type === 2 ? bytes.readUInt32BE(offset + 4) : null;
  return type === 3 && code === 4 ? bytes.readUInt16BE(offset + 6) : null;
};

/** The bytes at the token's place in an echo's payload; `null` when they are not there. */
const payloadToken = (bytes: Buffer, offset: number, end: number): string | null => {
  const payload = offset + HEADER_BYTES;
  const at = end - payload < TIMEVAL_BYTES ? payload : payload + TIMEVAL_BYTES;
  return at + TOKEN_BYTES <= end ? bytes.toString('hex', at, at + TOKEN_BYTES) : null;
};

/** RFC 792 promises 8 bytes behind the quoted IP header: ports and sequence number, or the echo's id and sequence. */
const readQuoted = (bytes: Buffer, offset: number, mark: DatagramMark, readIp: ReadIp): QuotedPacket | null => {
  const layer = readIp(bytes, offset);
  if (layer === null) return null;
  const { header, offset: at, end } = layer;
  const first = header.fragmentOffset === 0 && at + 8 <= end;
  const ports = first && (header.protocol === PROTOCOL.tcp || header.protocol === PROTOCOL.udp);
  const icmpType = first && isIcmp(header.protocol, header.family) ? bytes.readUInt8(at) : null;
  const types = ICMP_TYPE[header.family];
  const echo = icmpType === types.request || icmpType === types.reply;
  const found = echo ? payloadToken(bytes, at, end) : null;
  const own = ownToken(found, mark);
  const udpProbe = first && header.protocol === PROTOCOL.udp ? datagramNumber(bytes, at + 8, end, mark) : null;
  return {
    source: header.source,
    destination: header.destination,
    protocol: header.protocol,
    sourcePort: ports ? bytes.readUInt16BE(at) : null,
    destinationPort: ports ? bytes.readUInt16BE(at + 2) : null,
    icmpId: echo ? bytes.readUInt16BE(at + 4) : null,
    icmpSequence: echo ? bytes.readUInt16BE(at + 6) : null,
    token: own,
    ...(found !== null && mark.token !== null && own === null ? { foreign: true as const } : {}),
    ...(icmpType === null ? {} : { icmpType }),
    ...(first && header.protocol === PROTOCOL.tcp ? { tcpSequence: bytes.readUInt32BE(at + 4) } : {}),
    ...(udpProbe === null ? {} : { udpProbe }),
  };
};

export const isIcmp = (protocol: number, family: Family): boolean =>
  protocol === (family === 4 ? PROTOCOL.icmp : PROTOCOL.icmpv6);
