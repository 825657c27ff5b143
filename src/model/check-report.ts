import type { Limit } from './evidence.js';
import type { Flow, Way } from './flow.js';
import type { Stage } from './path.js';

export const CHECK_SCHEMA = 'vethoscope/check';
export const CHECK_FORMAT_VERSION = '1.0';

/** A rule or policy that a packet met. */
export interface CheckRule {
  /** `legacy` and `nft` are the back-ends of iptables, `nftables` is nft's own. */
  readonly backend: string;
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** 1-based number in the chain; `null` for the chain's policy. */
  readonly index: number | null;
  readonly handle: number | null;
  readonly text: string;
  /** Packets that it had counted when it was read; `null` where it has no counter. */
  readonly packets: number | null;
}

/** A match that only the running kernel can answer. */
export interface CheckDoubt {
  readonly rule: CheckRule | null;
  readonly because: string;
}

/** The packet as it comes to a phase. */
export interface CheckPacket {
  readonly protocol: string;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  readonly iif: string | null;
  readonly oif: string | null;
  readonly mark: number;
  readonly connection: string;
}

export interface CheckRewrite {
  readonly field: 'source' | 'destination' | 'mark';
  readonly before: string;
  readonly after: string;
}

export type PhaseResult = 'pass' | 'drop' | 'reject' | 'unknown';

/** One decision of the kernel about the packet. */
export interface CheckPhase {
  /** 1-based, in the order in which the packet comes to them. */
  readonly number: number;
  readonly way: Way;
  readonly link: string;
  readonly stage: Stage;
  /** Name of the namespace. */
  readonly netns: string;
  readonly device: string | null;
  /** What is decided here: `route`, `FORWARD`, `rp_filter`, … */
  readonly title: string;
  readonly result: PhaseResult;
  /** What decided, in one line. */
  readonly because: string;
  readonly packet: CheckPacket | null;
  /** The rule that decided, where one did. */
  readonly rule: CheckRule | null;
  /** Every rule that surely matched. */
  readonly met: readonly CheckRule[];
  readonly rewrites: readonly CheckRewrite[];
  readonly hangsOn: readonly CheckDoubt[];
}

export interface CheckConclusion {
  /** `depends`: what only the running kernel knows decides. */
  readonly verdict: 'accepted' | 'dropped' | 'depends';
  /** Number of the phase that loses the packet, or on which its fate hangs. */
  readonly phase: number | null;
  readonly title: string;
  /** Numbers of further phases that would lose it once the first is mended. */
  readonly behind: readonly number[];
  readonly hangsOn: readonly CheckDoubt[];
  /** The request as it leaves the last namespace of this host. */
  readonly leaves: {
    readonly device: string | null;
    readonly nextHop: string | null;
    readonly source: string;
    readonly destination: string;
    readonly sourcePort: number | null;
    readonly destinationPort: number | null;
  } | null;
}

/** What the rules and routes of a host do with one flow: no packet was sent for it. */
export interface CheckReport {
  readonly schema: typeof CHECK_SCHEMA;
  readonly formatVersion: string;
  readonly tool: { readonly name: 'vethoscope'; readonly version: string };
  /** Whether this host was read, or a stored run, or files. */
  readonly from: 'host' | 'run' | 'files';
  readonly target: string;
  readonly flow: Flow;
  readonly phases: readonly CheckPhase[];
  readonly conclusion: CheckConclusion;
  /** What was assumed because it was not given. */
  readonly assumptions: readonly string[];
  readonly limits: readonly Limit[];
}
