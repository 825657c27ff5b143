import type { Family, Protocol } from './flow.js';
import type { InboundWish } from './inbound.js';
import type { ProbeSettings } from './probe.js';
import type { TrafficWish } from './traffic.js';

/** What is asked of one trace. */
export interface TraceSettings {
  /** As typed: `net1`, `pid:29044`, `docker:web`, `/proc/29044/ns/net`. */
  readonly target: string;
  /** As typed: `203.0.113.5`, `example.org:443`, `tcp://203.0.113.5:80`. */
  readonly destination: string;
  /** `protocol` is `null` where the destination's own form decides: TCP with a port, else ICMP. */
  readonly probe: Omit<ProbeSettings, 'protocol' | 'size' | 'controlGroup'> & {
    readonly protocol: Protocol | null;
    /** `null` takes a random odd size, by which the kernel can tell the probe from other traffic. */
    readonly size: number | null;
  };
  /** Send one packet of the largest size once the probe is answered, unless its size is chosen. @default true */
  readonly fullSize: boolean;
  /** `null` takes what the destination is or first resolves to. */
  readonly family: Family | null;
  /** Set when the destination is a place of the host that the container publishes. */
  readonly inbound?: InboundWish | undefined;
  /** Set when traffic of the container is followed in place of a probe; the destination is then empty. */
  readonly traffic?: TrafficWish | undefined;
  /** Another container on the same bridge, spelled as a target, from which the same probe may be sent. */
  readonly controlSibling?: string | undefined;
  /** Let the kernel tell each rule that the packets meet: a table of our own in each namespace, for as long as the run. */
  readonly traceRules?: boolean | undefined;
  /** Send the probe from the control group of the target's process. */
  readonly inCgroup?: boolean | undefined;
  /** Milliseconds for the whole run. @default 15000 */
  readonly timeoutMs: number;
  /** Find the path and announce every command, and run none of them. */
  /** The host of the other end, as typed: `netns:node2`. */
  readonly peer?: string;
  readonly dryRun: boolean;
  /** Keep the evidence in the run document. @default true */
  readonly evidence: boolean;
  /** The command line, for the run document. */
  readonly argv: readonly string[];
}
