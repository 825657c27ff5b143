/** Link types of pcap that carry IP or ARP. @see https://www.tcpdump.org/linktypes.html */
export const ETHERNET = 1;
const RAW = 101;
const RAW_DLT = 12;
const LINUX_SLL = 113;
const LINUX_SLL2 = 276;

export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;

const VLAN_TAGS: readonly number[] = [0x8100, 0x88a8, 0x9100];

/** Where the network header begins, and what it is. */
export interface Payload {
  readonly etherType: number | null;
  readonly offset: number;
  /** VLAN id of the outermost tag. */
  readonly vlan: number | null;
}

export const isEthernet = (linkType: number): boolean => linkType === ETHERNET;

/** Whether frames of this link type can be decoded. */
export const isSupported = (linkType: number): boolean =>
  [ETHERNET, RAW, RAW_DLT, LINUX_SLL, LINUX_SLL2].includes(linkType);

/** Finds the network header behind the link header and any VLAN tags; `null` when the bytes end before it. */
export const findPayload = (bytes: Buffer, linkType: number): Payload | null => {
  switch (linkType) {
    case ETHERNET:
      return behindTags(bytes, 12);
    case LINUX_SLL:
      return behindTags(bytes, 14);
    case LINUX_SLL2:
      return bytes.length < 20 ? null : { etherType: bytes.readUInt16BE(0), offset: 20, vlan: null };
    case RAW:
    case RAW_DLT:
      return bytes.length === 0 ? null : { etherType: versionType(bytes), offset: 0, vlan: null };
    default:
      return { etherType: null, offset: 0, vlan: null };
  }
};

const behindTags = (bytes: Buffer, typeOffset: number): Payload | null => {
  let vlan: number | null = null;
  for (let offset = typeOffset; offset + 2 <= bytes.length; offset += 4) {
    const etherType = bytes.readUInt16BE(offset);
    if (!VLAN_TAGS.includes(etherType)) return { etherType, offset: offset + 2, vlan };
    if (offset + 4 > bytes.length) return null;
    vlan ??= bytes.readUInt16BE(offset + 2) & 0x0fff;
  }
  return null;
};

const versionType = (bytes: Buffer): number | null => {
  const version = bytes.readUInt8(0) >> 4;
  if (version === 4) return ETHERTYPE.ipv4;
  return version === 6 ? ETHERTYPE.ipv6 : null;
};
