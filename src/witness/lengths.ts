import { randomBelow } from '../host/random.js';
import type { Flow } from '../model/flow.js';
import type { ProbeSettings } from '../model/probe.js';
import { asksTftp, LARGEST_REQUEST } from '../parse/tftp.js';

/**
 * What the kernel counts as well where it shows a frame that is sent: no link-layer header, that of Ethernet, and one with a
 * VLAN tag.
 */
export const LINK_HEADERS: readonly number[] = [0, 14, 18];

/** The same of one that is received, whose Ethernet header has been taken off: nothing, or a VLAN tag. */
export const RECEIVED_HEADERS: readonly number[] = [0, 4];

/** Smaller ones are common. With their headers the largest stay below 1,000 bytes: a rule against large packets spares them. */
const SMALLEST = 301;
const LARGEST = 951;

/** An ICMP payload size by which the kernel can tell the probe from other traffic: odd, and another one each time. */
export const randomProbeSize = (): number => randomSize(LARGEST);

/**
 * The same for the protocol of a flow: not every server takes a large request.
 * @param other size of another probe of the run: no frame of the one is as long as one of the other
 */
export const probeSizeFor = (flow: Pick<Flow, 'protocol' | 'port'>, other?: number): number => {
  for (;;) {
    const size = asksTftp(flow) ? randomSize(LARGEST_REQUEST - 1) : randomProbeSize();
    if (other === undefined || !isAlike(size, other)) return size;
  }
};

const isAlike = (one: number, other: number): boolean =>
  HEADERS.some((a) => HEADERS.some((b) => one + a === other + b));

const HEADERS = [...LINK_HEADERS, ...RECEIVED_HEADERS];

/** @param largest odd */
const randomSize = (largest: number): number => SMALLEST + 2 * randomBelow((largest - SMALLEST) / 2 + 1);

const IP_HEADER = { 4: 20, 6: 40 } as const;
/** Of ICMP and of UDP alike. */
const SHORT_HEADER = 8;
/** SYN and SYN-ACK with the options that Linux and others send, and RST. */
const TCP_HEADERS = [20, 24, 28, 32, 36, 40];

/** Lengths of a probe's packets and of the replies whose length is known, IP header included, in bytes. */
export const probeLengths = ({ protocol, family }: Flow, { size }: Pick<ProbeSettings, 'size'>): readonly number[] => {
  const headers = protocol === 'tcp' ? TCP_HEADERS : [SHORT_HEADER + size];
  return headers.map((length) => IP_HEADER[family] + length);
};
