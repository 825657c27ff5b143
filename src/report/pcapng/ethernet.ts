import type { CapturedFrame } from '../../model/packet.js';

const ETHERNET = 1;
const RAW: readonly number[] = [12, 101];
const LINUX_SLL = 113;
const LINUX_SLL2 = 276;
const NO_ADDRESSES = Buffer.alloc(12);

export interface EthernetFrame {
  readonly bytes: Buffer;
  /** Length on the wire, with the Ethernet header. */
  readonly length: number;
  /** Whether the Ethernet header was made up, because the device has none (tunnels). */
  readonly made: boolean;
}

/**
 * The frame with an Ethernet header, so that all hops share one link type, which tcpdump needs to read several interfaces
 * of one file; `null` for a link type without IP.
 */
export const asEthernet = (frame: CapturedFrame): EthernetFrame | null => {
  const bytes = Buffer.from(frame.data, 'base64');
  if (frame.linkType === ETHERNET) return { bytes, length: frame.length, made: false };
  const [type, header] = payloadOf(frame.linkType, bytes);
  if (type === null) return null;
  const etherType = Buffer.alloc(2);
  etherType.writeUInt16BE(type);
  return {
    bytes: Buffer.concat([NO_ADDRESSES, etherType, bytes.subarray(header)]),
    length: frame.length - header + 14,
    made: true,
  };
};

/** EtherType and length of the header that stands in front. */
const payloadOf = (linkType: number, bytes: Buffer): readonly [number | null, number] => {
  if (linkType === LINUX_SLL && bytes.length >= 16) return [bytes.readUInt16BE(14), 16];
  if (linkType === LINUX_SLL2 && bytes.length >= 20) return [bytes.readUInt16BE(0), 20];
  if (!RAW.includes(linkType) || bytes.length === 0) return [null, 0];
  return [bytes.readUInt8(0) >> 4 === 6 ? 0x86dd : 0x0800, 0];
};
