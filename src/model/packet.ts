import type { Family, Way } from './flow.js';

/** The headers of one captured frame, decoded. Payload is never kept. */
export interface Packet {
  /** Nanoseconds since the run began. */
  readonly at: number;
  readonly macSource: string | null;
  readonly macDestination: string | null;
  readonly vlan: number | null;
  /** Length on the wire, in bytes, with the Ethernet header. */
  readonly length: number;
  readonly truncated: boolean;
  readonly arp: ArpHeader | null;
  readonly ip: IpHeader | null;
  readonly icmp: IcmpHeader | null;
  readonly tcp: TcpHeader | null;
  readonly udp: UdpHeader | null;
}

export interface ArpHeader {
  readonly operation: 'request' | 'reply';
  readonly senderMac: string;
  readonly senderAddress: string;
  readonly targetMac: string;
  readonly targetAddress: string;
}

export interface IpHeader {
  readonly family: Family;
  readonly source: string;
  readonly destination: string;
  /** IANA number: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6. */
  readonly protocol: number;
  readonly ttl: number;
  readonly id: number | null;
  readonly dontFragment: boolean;
  readonly fragmentOffset: number;
  readonly moreFragments: boolean;
}

export interface IcmpHeader {
  readonly type: number;
  readonly code: number;
  /** Echo identifier and sequence. */
  readonly id: number | null;
  readonly sequence: number | null;
  /** Payload token of our probe (hex), where the packet carries one. */
  readonly token: string | null;
  readonly nextHopMtu: number | null;
  /** Headers of the packet that an ICMP error quotes. */
  readonly quoted: QuotedPacket | null;
  /** Stands for the payload of an echo; noted where traffic of others is followed. */
  readonly digest?: number;
  /** Target address of an ICMPv6 neighbour solicitation or advertisement. */
  readonly target?: string;
}

export interface QuotedPacket {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  readonly icmpId: number | null;
  readonly icmpSequence: number | null;
  readonly token: string | null;
  readonly icmpType?: number;
  /** Set when the quoted echo has a payload that is not our probe's. */
  readonly foreign?: true;
  readonly tcpSequence?: number;
  /** Number of our UDP probe, where the error quotes its payload. */
  readonly udpProbe?: number;
}

export interface TcpHeader {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  /** `SYN`, `ACK`, `RST`, `FIN`, … */
  readonly flags: readonly string[];
  /** Bytes of data; noted where traffic of others is followed. */
  readonly payload?: number;
  /** Set for a whole SYN whose checksum is wrong, and none that a device is to finish. */
  readonly badChecksum?: true;
}

export interface UdpHeader {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly length: number;
  /** Number of our probe, where the datagram carries its token: the probe itself, or an answer that repeats it. */
  readonly probe?: number;
  /** Stands for the payload, which no NAT changes; noted where traffic of others is followed. */
  readonly digest?: number;
}

export type SightingKind = 'request' | 'reply' | 'icmp-error' | 'neighbour-request' | 'neighbour-reply';

/** A packet of the traced flow, or of the neighbour discovery that it needs, seen at a hop. */
export interface Sighting {
  readonly hop: string;
  readonly kind: SightingKind;
  readonly way: Way;
  /** 1-based number of the probe; `null` for neighbour discovery. */
  readonly probe: number | null;
  readonly packet: Packet;
}

/** Why a capture did not run. On a device that is down or gone, nothing passes either. */
export type CaptureFailure = 'missing-tool' | 'not-permitted' | 'no-interface' | 'interface-down' | 'failed';

/** How one capture went. */
export interface CaptureReport {
  readonly hop: string;
  readonly command: readonly string[];
  /** Set when the capture did not run or broke off. */
  readonly error: string | null;
  readonly failure?: CaptureFailure;
  /** Set where the kernel's events stand in for a capture. */
  readonly by?: 'kernel';
  /** Packets that passed the filter. */
  readonly packets: number;
  /** tcpdump's "packets dropped by kernel": more than 0 proves no absence at this hop. `null` when not reported. */
  readonly droppedByKernel: number | null;
}

/**
 * One frame as a capture recorded it, for the pcapng files of a report. Nothing is diagnosed from it. A capture fills one
 * for each packet that it decodes: the same `hop` and `at` as the `Sighting` that comes of it, and the bytes as they were,
 * cut at the snap length.
 */
export interface CapturedFrame {
  readonly hop: string;
  /** Nanoseconds since the run began. */
  readonly at: number;
  /** Length on the wire, in bytes. */
  readonly length: number;
  /** Link type of the capture (LINKTYPE_ETHERNET is 1). @see https://www.tcpdump.org/linktypes.html */
  readonly linkType: number;
  /** The captured bytes in base64. */
  readonly data: string;
}
