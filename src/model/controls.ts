import type { ProbeResult } from './probe.js';

/** The same probe from another container on the same bridge, which the user allowed. Evidence, never a reason to blame. */
export interface SiblingControl {
  readonly name: string;
  readonly probe: ProbeResult;
}

/** What else the server of unanswered DNS queries was asked: echoes, and a connection to the port of the queries. */
export interface ServerControl {
  readonly icmp: ProbeResult;
  readonly tcp: ProbeResult;
}
