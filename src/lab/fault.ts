import { EXIT, KnownError } from '../model/errors.js';
import type { Way } from '../model/flow.js';
import type { HopRole, Stage } from '../model/path.js';
import type { Topology } from './topology.js';

/** What a right diagnosis of a fault says. */
export interface Expectation {
  /** Ids and groups of the catalogue that name the cause. */
  readonly cause: readonly [string, ...string[]];
  /** Causes that are right from this host, where the fault lies on another, which is not looked at: that it is not ours. */
  readonly fromHere?: readonly string[];
  /** Roles of the two hops of the broken link, in path order: where the packet is last lost. */
  readonly link: readonly [HopRole, HopRole];
  /** Where the cause sits on its own link, which may be another one. */
  readonly stage?: Stage;
  readonly way: Way;
}

/** A flow other than an echo to the topology's destination. */
export interface FaultProbe {
  readonly destination: string;
  /** What is traced, where it is not the topology's target. */
  readonly target?: string;
  readonly protocol: 'icmp' | 'tcp' | 'udp';
  /** Set for a flow that comes in to a published port: who connects, as `--simulate` names it. */
  readonly from?: string;
  /** Payload bytes. */
  readonly size?: number;
  readonly df?: true;
  /** Number of probes, where three would not show the loss. */
  readonly count?: number;
  /** Port of the sender, whose flow conntrack may know. */
  readonly sourcePort?: number;
  /** No probe is sent: the connection of the target with this port is followed, which the network has under way. */
  readonly socket?: number;
  /** The probe is sent from the control group of the target's process. */
  readonly inCgroup?: true;
}

/** Arguments of `trace` and `fix` for the flow that a fault breaks. */
export const traceArguments = (
  { target, destination }: Pick<Topology, 'target' | 'destination'>,
  probe: FaultProbe = { destination, protocol: 'icmp' },
): readonly string[] =>
  probe.socket === undefined
    ? probeArguments(probe.target ?? target, probe)
    : [probe.target ?? target, '--socket', `${probe.socket}`];

const probeArguments = (target: string, probe: FaultProbe): readonly string[] => [
  target,
  probe.destination,
  '--proto',
  probe.protocol,
  ...(probe.from === undefined ? [] : ['--inbound', '--simulate', probe.from]),
  ...(probe.size === undefined ? [] : ['--size', `${probe.size}`]),
  ...(probe.df ? ['--df'] : []),
  ...(probe.count === undefined ? [] : ['--count', `${probe.count}`]),
  ...(probe.sourcePort === undefined ? [] : ['--source-port', `${probe.sourcePort}`]),
  ...(probe.inCgroup ? ['--in-cgroup'] : []),
];

/** One thing to break in a practice network, and how to mend it again. */
export interface Fault {
  /** Id of the fault catalogue. */
  readonly id: string;
  readonly title: string;
  /** Id of the topology that it is made for. */
  readonly topology: string;
  /** What cannot be broken in a user namespace. */
  readonly rootOnly?: true;
  /** Shell commands in the lab's host namespace. */
  readonly break: readonly string[];
  /** Brings the network back to where it was before. */
  readonly undo: readonly string[];
  /** What to probe, where it is not an ICMP echo to the topology's destination. */
  readonly probe?: FaultProbe;
  readonly expect: Expectation;
}

/** Every cause that is right for a fault, seen from its host alone. */
export const rightCauses = ({ expect }: Pick<Fault, 'expect'>): readonly string[] => [
  ...expect.cause,
  ...(expect.fromHere ?? []),
];

/** @throws KnownError for a fault that needs more rights than a lab in a user namespace has */
export const requireRights = ({ id, rootOnly }: Pick<Fault, 'id' | 'rootOnly'>, unprivileged: boolean): void => {
  if (rootOnly && unprivileged)
    throw new KnownError(`the fault ${id} needs root, in a lab that root built`, { exitCode: EXIT.noPrivilege });
};
