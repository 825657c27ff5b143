import type { BrokenLink, Diagnosis, RuledOut } from './diagnosis.js';
import type { Evidence, KernelDrop, Limit } from './evidence.js';
import type { Confidence, Origin, Proof, Rank, Remedy } from './finding.js';
import type { Flow, Way } from './flow.js';
import type { Sighting } from './packet.js';
import type { Hop, Link, Path, Stage } from './path.js';
import type { ProbeResult } from './probe.js';
import type { Target } from './target.js';

export const RUN_SCHEMA = 'vethoscope/run';
export const RUN_FORMAT_VERSION = '1.0';

export interface RunHop extends Hop {
  readonly forward: { readonly seen: number; readonly of: number };
  readonly return: { readonly seen: number; readonly of: number };
  readonly captureDropped: number | null;
}

export interface RunFinding {
  readonly code: string;
  readonly cause: string;
  readonly check: string;
  readonly rank: Rank;
  readonly link: string;
  readonly stage: Stage;
  readonly direction: Way;
  readonly netns: string;
  readonly device?: string;
  readonly object?: string;
  readonly confidence: Confidence;
  readonly title: string;
  readonly evidence: readonly Proof[];
  readonly origin?: Origin;
  readonly notes?: readonly string[];
  readonly remedies: readonly Remedy[];
}

/**
 * The run document, format version 1: what `--json` prints, what is stored, and all that reports and the screen read.
 * Minor versions only add fields.
 */
export interface Run {
  readonly schema: typeof RUN_SCHEMA;
  readonly formatVersion: string;
  readonly tool: { readonly name: 'vethoscope'; readonly version: string };
  readonly run: {
    readonly id: string;
    /** UTC, ISO 8601. */
    readonly started: string;
    readonly durationMs: number;
    readonly phasesMs: Readonly<Record<string, number>>;
    readonly changesMade: number;
    readonly redacted: boolean;
    readonly argv: readonly string[];
    readonly hostname: string;
    readonly kernel: string;
  };
  readonly target: Target;
  readonly flow: Flow;
  readonly probe: ProbeResult | null;
  readonly control: ProbeResult | null;
  readonly path: Omit<Path, 'hops' | 'links'> & { readonly hops: readonly RunHop[]; readonly links: readonly Link[] };
  readonly diagnosis: Omit<Diagnosis, 'findings' | 'counts' | 'ruledOut' | 'brokenLink'> & {
    readonly brokenLink?: BrokenLink;
  };
  readonly findings: readonly RunFinding[];
  readonly ruledOut: readonly RuledOut[];
  readonly kernelDrops: readonly KernelDrop[];
  readonly limits: readonly Limit[];
  /** What `show` needs to diagnose again; absent with `--no-evidence`. */
  readonly evidence?: Evidence;
  /** Parts of the evidence that are left out here, by name. Then the stored diagnosis counts and is not made anew. */
  readonly reduced?: readonly string[];
  /** What was replaced, in a redacted run: how many different values of each kind, never the values. */
  readonly redactions?: Readonly<Record<string, number>>;
}

/** What a run tells while it goes on. The progress line, the screen and `ndjson` read the same events. */
export type RunEvent =
  | { readonly type: 'phase'; readonly phase: RunPhase; readonly ms: number }
  | { readonly type: 'target'; readonly target: Target }
  | { readonly type: 'path'; readonly path: Path; readonly flow: Flow }
  | { readonly type: 'announce'; readonly what: string; readonly command: readonly string[] }
  /** Somebody else has to connect now, within so many milliseconds; or the container to speak, where `traffic` is set. */
  | { readonly type: 'wait'; readonly place: string; readonly ms: number; readonly traffic?: true }
  /** A packet as it arrives, for those who watch; what counts are the sightings at the end. */
  | { readonly type: 'arrival'; readonly sighting: Sighting }
  | { readonly type: 'sighting'; readonly sighting: Sighting }
  | { readonly type: 'probe'; readonly result: ProbeResult; readonly from: 'target' | 'host' }
  | { readonly type: 'limit'; readonly limit: Limit }
  | { readonly type: 'diagnosis'; readonly diagnosis: Diagnosis };

export type RunPhase = 'resolve' | 'discover' | 'listen' | 'probe' | 'settle' | 'diagnose';
