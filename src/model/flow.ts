export type Family = 4 | 6;
export type Protocol = 'icmp' | 'tcp' | 'udp';
export type FlowKind = 'egress' | 'inbound' | 'lateral' | 'local' | 'to-host';

/** Which way a packet goes, relative to the probe's first packet. */
export type Way = 'forward' | 'return';

/** The traffic that is traced. */
export interface Flow {
  readonly kind: FlowKind;
  readonly family: Family;
  readonly protocol: Protocol;
  /** Address the container sends from; `null` when it has none for this destination. */
  readonly source: string | null;
  readonly destination: string;
  /** The destination as typed (a name, a URL); equals `destination` for a plain address. */
  readonly destinationText: string;
  readonly port: number | null;
  /** Firewall mark of the probe's socket, 0 when none was asked for. */
  readonly mark: number;
  /** What the datagrams ask a DNS server. */
  readonly dns?: DnsQuestion;
  /** The sender's port, where one connection is followed, or the probe is sent from a chosen port. */
  readonly sourcePort?: number;
  /** Set for a TCP connection past its handshake. */
  readonly established?: true;
}

export interface DnsQuestion {
  readonly name: string;
  readonly type: 'A' | 'AAAA';
}
