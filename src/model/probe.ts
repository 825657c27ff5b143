import type { Family, Protocol } from './flow.js';

export interface ProbeSettings {
  readonly protocol: Protocol;
  /** Number of probes. @default 3 */
  readonly count: number;
  /** Milliseconds between two probes. @default 20 */
  readonly intervalMs: number;
  /**
   * Whether each connection or datagram follows the answer to the one before at once, and the interval is waited where none
   * comes. Echo requests keep their pace. @default false
   */
  readonly adaptive?: boolean;
  /** Payload bytes of an ICMP echo or a datagram. @default 56 */
  readonly size: number;
  /** Set the don't-fragment bit. */
  readonly df: boolean;
  /** Source address to bind to; `null` lets the container's routes choose. */
  readonly source: string | null;
  readonly mark: number;
  /** Milliseconds to wait for the last answer. @default 1000 */
  readonly timeoutMs: number;
  /** Folder of the control group from which it is sent; our own where there is none. */
  readonly controlGroup?: string;
  /** Source port of the one datagram that is then sent; the kernel chooses where there is none. */
  readonly sourcePort?: number;
}

/** `refused`: the packets came through, and nobody takes them there, or somebody rejects them in its name. */
export type ProbeOutcome = 'answered' | 'refused' | 'error' | 'timeout' | 'not-sent';

export interface ProbeAnswer {
  /** 1-based. */
  readonly probe: number;
  readonly outcome: ProbeOutcome;
  readonly rttMs: number | null;
  /** What came back or why nothing did, in the tool's own words: `Destination Host Prohibited`. */
  readonly text: string | null;
  /** Sender of an ICMP error. */
  readonly from: string | null;
  /** Source port of a TCP or UDP probe, by which its packets are found. */
  readonly sourcePort?: number;
  /** Set where a DNS answer was cut short and TCP, which it then needs, did not bring it: why. */
  readonly overTcp?: string;
}

/** What the sender saw. */
export interface ProbeResult {
  readonly command: readonly string[];
  /** PID of the program that sent the probe. */
  readonly pid?: number;
  readonly protocol: Protocol;
  /** Payload token (hex) of ICMP and UDP, by which the captures recognise the probe. */
  readonly token: string | null;
  readonly sent: number;
  /** Answers, refusals included. */
  readonly answered: number;
  readonly answers: readonly ProbeAnswer[];
  /** The sending socket's own error, before any packet left: `Network is unreachable`, `Operation not permitted`. */
  readonly localError: string | null;
  /** The probe itself could not run (no ping, no permission). */
  readonly failure: string | null;
  /** Milliseconds that it waited for an answer after the last packet; a later reply reaches nobody. */
  readonly waitedMs?: number;
  readonly output: string;
  /** Set where no probe was sent: these are packets of the container's own. */
  readonly isOwnTraffic?: true;
}

/** How many of the answers are refusals, which `answered` counts too. */
export const refusedIn = (probe: Pick<ProbeResult, 'answers'> | null): number =>
  probe?.answers.filter(({ outcome }) => outcome === 'refused').length ?? 0;

/** What the packets are called that a run tells of. */
export const packetsOf = (probe: Pick<ProbeResult, 'isOwnTraffic'> | null): 'probes' | 'packets' =>
  probe?.isOwnTraffic ? 'packets' : 'probes';

/** Bytes of the IP header and of that of ICMP or UDP, which are equal. @see RFC 791, RFC 8200, RFC 792, RFC 768 */
export const headerBytes = (family: Family): number => (family === 4 ? 28 : 48);
