import type { Artifact } from './artifact.js';
import type { Asked } from './asked.js';
import type { ContainerNetwork } from './container-network.js';
import type { ServerControl, SiblingControl } from './controls.js';
import type { DeviceManager } from './device-manager.js';
import type { Flow, Way } from './flow.js';
import type { FullSize } from './full-size.js';
import type { InboundEvidence } from './inbound.js';
import type { NetnsId, NetnsRef } from './netns.js';
import type { CapturedFrame, CaptureReport, Sighting } from './packet.js';
import type { Path, Stage } from './path.js';
import type { PeerEvidence } from './peer.js';
import type { ProbeResult, ProbeSettings } from './probe.js';
import type { ProcessContext } from './process-context.js';
import type { MetRuleTrace } from './rule-trace.js';
import type { NetnsState } from './state.js';
import type { SysctlLine } from './sysctl-line.js';
import type { Target } from './target.js';
import type { Timeline } from './timeline.js';
import type { TrafficEvidence } from './traffic.js';

/** A drop that the kernel reported for one of our probe packets. */
export interface KernelDrop {
  readonly probe: number | null;
  readonly reason: string;
  readonly function: string;
  /** Device that the packet was at last. */
  readonly device: string | null;
  readonly netns: NetnsId | null;
  /** Nanoseconds since the run began. */
  readonly at?: number;
  readonly way?: Way;
  /** Link of the path on which the packet was dropped. */
  readonly link?: string;
  /** Set where the function belongs to exactly one stage of the link. */
  readonly stage?: Stage;
  /** Stages of the link in which the function can drop: a netfilter verdict comes from any of the hooks. */
  readonly stages?: readonly Stage[];
  /** The reason and the function in words. */
  readonly words?: string;
  /** Devices that the packet passed, in order, up to the drop. */
  readonly devices?: readonly string[];
  /** Set when the packet was recognised by its times alone, as a TCP segment is, whose length says nothing. */
  readonly likely?: true;
}

/** A probe packet that the kernel's own events show at a device of the path. */
export interface KernelSighting {
  readonly hop: string;
  readonly way: Way;
  readonly probe: number;
  /** Nanoseconds since the run began. */
  readonly at: number;
}

/** Something that was not available, and what it costs. */
export interface Limit {
  readonly what: string;
  readonly why: string;
  /** Debian package or command that would provide it. */
  readonly install: string | null;
}

/** Something that the flow depends on and that changed between the two snapshots. */
export interface StateChange {
  readonly netns: NetnsId;
  readonly what: string;
  readonly detail: string;
}

/** All that was observed in one run. Serialisable; a Diagnosis is a pure function of it. */
export interface Evidence {
  readonly hostname: string;
  readonly kernel: string;
  readonly target: Target;
  readonly flow: Flow;
  /** How the container's runtime configured its networks; absent where there is no runtime to ask. */
  readonly containerNetworks?: Artifact<readonly ContainerNetwork[]>;
  /** Network settings in the files of this host; absent in runs of earlier versions. */
  readonly sysctlFiles?: readonly SysctlLine[];
  /** What happened on this host before; absent in runs of earlier versions. */
  readonly timeline?: Timeline;
  /** Which network manager looks after which device of the host; absent in runs of earlier versions. */
  readonly deviceManagers?: readonly DeviceManager[];
  /** What the target's own process may do and is told; absent for a namespace without one, and in runs of earlier versions. */
  readonly process?: ProcessContext;
  /** Set for a flow that comes in: `target` is the container that it is for, not the sender. */
  readonly inbound?: InboundEvidence;
  /** Set where traffic of the container itself was followed: `probe` then tells of its packets. */
  readonly traffic?: TrafficEvidence;
  readonly netns: readonly NetnsRef[];
  readonly path: Path;
  readonly probeSettings: ProbeSettings;
  readonly before: Readonly<Record<NetnsId, NetnsState>>;
  /** What was read again after the probe: counters, rules, neighbours, routes, links. */
  readonly after: Readonly<Record<NetnsId, Partial<NetnsState>>>;
  readonly asked: readonly Asked[];
  readonly captures: readonly CaptureReport[];
  readonly sightings: readonly Sighting[];
  /** The recorded frames; absent where they were not kept. */
  readonly frames?: readonly CapturedFrame[];
  /** `null` when no probe was sent. */
  readonly probe: ProbeResult | null;
  /** The same probe from the host itself. */
  readonly control: ProbeResult | null;
  /** Absent where the user named no other container. */
  readonly sibling?: SiblingControl;
  /** Absent where the user named no other host. */
  readonly peer?: PeerEvidence;
  /** Absent where DNS queries were answered, or none were sent. */
  readonly server?: ServerControl;
  /** Absent where no full-size packet was sent. */
  readonly fullSize?: FullSize;
  readonly kernelDrops: readonly KernelDrop[];
  /** Where the kernel's events show the probe's packets; absent where they do not tell of every one. */
  readonly kernelSeen?: readonly KernelSighting[];
  /** Rules that the packets met, where the user let the kernel tell; absent otherwise. */
  readonly ruleTrace?: readonly MetRuleTrace[];
  readonly changes: readonly StateChange[];
  readonly limits: readonly Limit[];
}
