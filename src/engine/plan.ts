import { type CapturePlan, planCaptures } from '../capture/plan.js';
import { type RouteQuestion, routeQuestions } from '../collect/ask-routes.js';
import type { CollectOptions } from '../collect/index.js';
import { topologyCommands } from '../collect/topology.js';
import type { Discovery } from '../discover/index.js';
import { linkByName, netnsById } from '../discover/topology.js';
import { canBecomeNobody } from '../host/identity.js';
import type { NetnsRef } from '../model/netns.js';
import type { Path } from '../model/path.js';
import { headerBytes, type ProbeSettings } from '../model/probe.js';
import type { RunEvent } from '../model/run.js';
import type { TraceSettings } from '../model/settings.js';
import { queryBytes } from '../parse/dns-message.js';
import { type FullSizePlan, fullSizeCommand } from '../probe/full-size.js';
import { createToken, probeCommand } from '../probe/probe.js';
import { probeSizeFor, randomProbeSize } from '../witness/lengths.js';
import type { Found } from './overhear.js';
import { linksIn, type Peer } from './peer.js';
import type { Sibling } from './sibling.js';
import { collectCommands, devicesOf } from './snapshot.js';
import { payloadOf } from './traffic-flow.js';

/** All that a trace will do, before any of it is done. */
export interface TracePlan {
  readonly discovery: Discovery;
  readonly probe: ProbeSettings;
  readonly token: string;
  readonly captures: readonly CapturePlan[];
  readonly questions: readonly RouteQuestion[];
  /** What sends the control, unlike the probe itself; `null` where a probe from the host proves nothing. */
  readonly control: { readonly netns: NetnsRef; readonly token: string; readonly probe: ProbeSettings } | null;
  /** The host of the other end; `null` where none was named. */
  readonly peer: Peer | null;
  readonly peerCaptures: readonly CapturePlan[];
  /** Sends the same, where the user allows it; `null` where no other container was named. */
  readonly sibling: Sibling | null;
  /** Sent once the probe is answered; `null` where the user chose a size, or there is no telling which is the largest. */
  readonly fullSize: FullSizePlan | null;
  readonly collect: CollectOptions;
  /** Namespace to probe from; `null` when connections of others are waited for. */
  readonly sender: NetnsRef | null;
  /** Traffic of the container that is followed in place of a probe; `null` for a probe. */
  readonly found: Found | null;
}

/** What of a flow that comes in is known beforehand. */
export interface InboundPlan {
  readonly sender: NetnsRef | null;
  /** Addresses and ports of the packets behind the translation. */
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
}

/** Settles tokens, captures, questions and the control of one trace. */
export const planTrace = (
  settings: TraceSettings,
  discovery: Discovery,
  reading: Pick<CollectOptions, 'run' | 'signal'>,
  inbound: InboundPlan | null = null,
  {
    found = null,
    sibling = null,
    peer = null,
    controlGroup,
  }: Partial<Pick<TracePlan, 'found' | 'sibling' | 'peer'>> & Pick<ProbeSettings, 'controlGroup'> = {},
): TracePlan => {
  const { path, flow, netns } = discovery;
  const token = createToken();
  const host = netns.find(({ id }) => id === 'host');
  const size = (other?: number): number =>
    flow.dns ? queryBytes(flow.dns, 0).length : (settings.probe.size ?? probeSizeFor(flow, other));
  const plain = { ...settings.probe, protocol: flow.protocol };
  const own = { ...plain, ...(controlGroup === undefined ? {} : { controlGroup }) };
  const probe = found ? { ...own, size: payloadOf(found), df: found.dontFragment } : { ...own, size: size() };
  const fullSize = inbound === null ? planFullSize(settings, discovery, probe) : null;
  const capturing = {
    asNobody: canBecomeNobody(),
    size: found ? 0 : probe.size,
    addresses: [...uplinkAddresses(discovery), ...(inbound?.addresses ?? [])],
    ports: inbound?.ports ?? [],
    echoes: echoTokens(fullSize),
    anyPort: found === null && flow.kind === 'egress' && flow.protocol === 'udp' && flow.dns === undefined,
    maxSeconds: Math.ceil(settings.timeoutMs / 1000) + 1,
  };
  return {
    discovery,
    probe,
    token,
    captures: planCaptures(path, flow, netns, { icmp: token }, capturing),
    peer,
    peerCaptures: peer
      ? planCaptures({ ...path, hops: peer.hops }, flow, [peer.netns], { icmp: token }, capturing)
      : [],
    questions: routeQuestions(path, flow, netns),
    control:
      host && found === null && (flow.kind === 'egress' || flow.kind === 'lateral')
        ? { netns: host, token: createToken(), probe: asControl({ ...plain, size: size(probe.size) }) }
        : null,
    sibling,
    fullSize,
    collect: { ...reading, flow },
    sender: inbound === null ? targetRef(discovery) : inbound.sender,
    found,
  };
};

/** Settings of a probe that others send. */
export const plainly = ({ controlGroup: _group, sourcePort: _port, ...settings }: ProbeSettings): ProbeSettings =>
  settings;

/**
 * Settings of the control beside a probe. At an even pace it sends two for three of the probe's, in the same time: were they to
 * take turns, a rule that counts (statistic nth, numgen inc) would deal all good ones to the one and all bad ones to the other.
 */
export const asControl = (settings: ProbeSettings): ProbeSettings => {
  const { count, intervalMs, adaptive } = settings;
  if (adaptive || count === 1) return plainly(settings);
  return { ...plainly(settings), count: Math.ceil((count * 2) / 3), intervalMs: Math.round(intervalMs * 1.5) };
};

/** MTUs that a packet of a container can have; `lo` has more. @see RFC 791 §3.2 */
const MTU_RANGE = { least: 576, most: 9216 };

const planFullSize = (
  { fullSize, probe }: TraceSettings,
  { path, flow, topology }: Discovery,
  ordinary: ProbeSettings,
): FullSizePlan | null => {
  if (!fullSize || probe.df || probe.size !== null) return null;
  const device = path.hops.find(({ role }) => role === 'container');
  const bytes = linkByName(netnsById(topology, 'target'), device?.ifname ?? null)?.mtu ?? 0;
  if (bytes < MTU_RANGE.least || bytes > MTU_RANGE.most) return null;
  const { dns: _, ...plain } = flow;
  const echo: ProbeSettings = { ...ordinary, protocol: 'icmp', count: 1 };
  return {
    flow: { ...plain, protocol: 'icmp', port: null },
    bytes,
    settings: { ...echo, size: bytes - headerBytes(flow.family), df: true },
    token: createToken(),
    smallerToken: createToken(),
    control: flow.protocol === 'icmp' ? null : { settings: { ...echo, size: randomProbeSize() }, token: createToken() },
  };
};

/** Tokens of the echo requests beside the probe. */
export const echoTokens = (plan: FullSizePlan | null): readonly string[] =>
  plan === null ? [] : [plan.token, ...(plan.control ? [plan.control.token] : [])];

/** Addresses that the source may be translated to. */
const uplinkAddresses = ({ topology, path }: Discovery): readonly string[] =>
  path.routers.flatMap((router) =>
    topology.netns
      .filter(({ ref }) => ref.id === router.netns)
      .flatMap(({ addresses }) => addresses.filter(({ ifname }) => ifname === router.oif).map(({ local }) => local)),
  );

const targetRef = ({ netns }: Discovery): NetnsRef => {
  const target = netns.find(({ id }) => id === 'target');
  if (!target) throw new TypeError('the plan has no target namespace');
  return target;
};

/** Every command of the plan, with what it is for. */
export function* announcements(plan: TracePlan): Generator<RunEvent> {
  const { path, flow, netns } = plan.discovery;
  const announce = (what: string, command: readonly string[]): RunEvent => ({ type: 'announce', what, command });
  /** What is the whole kernel's is asked once, whichever namespace needs it. */
  const told = new Set<string>();
  const isNew = (command: readonly string[]): boolean => told.size < told.add(command.join('\0')).size;
  const hopsOf = (place: NetnsRef): Path => (place === plan.peer?.netns ? { ...path, hops: plan.peer.hops } : path);
  for (const place of [...netns, ...(plan.peer ? [plan.peer.netns] : [])]) {
    for (const { argv, input } of topologyCommands(place))
      yield announce(
        `read the state of ${place.name}${input.length > 0 ? `, asking for ${input.join('; ')}` : ''}`,
        argv,
      );
    const options = { ...plan.collect, ...devicesOf(linksIn(plan, place)) };
    for (const command of collectCommands(place, hopsOf(place), options).filter(isNew))
      yield announce(`read the state of ${place.name}`, command);
  }
  yield announce('ask the kernel for the packets that it drops, in a trace instance of our own, removed at the end', [
    'mkdir',
    `/sys/kernel/tracing/instances/vethoscope-${process.pid}`,
  ]);
  for (const capture of plan.captures) yield announce(`capture on ${capture.ifname}`, capture.argv);
  for (const capture of plan.peerCaptures)
    yield announce(`capture on ${capture.ifname} of ${plan.peer?.netns.name}`, capture.argv);
  for (const question of plan.questions) yield announce(`ask ${question.netns.name} for its route`, question.command);
  if (plan.sender)
    yield announce(
      plan.probe.controlGroup === undefined
        ? `probe from ${plan.sender.name}`
        : `A CHANGE until it ends: probe from ${plan.sender.name}, in the control group of its process`,
      probeCommand(plan.sender, flow, plan.probe, plan.token),
    );
  if (plan.control)
    yield announce(
      'the same probe from the host, as control',
      probeCommand(plan.control.netns, flow, plan.control.probe, plan.control.token),
    );
  if (plan.sibling)
    yield announce(
      `the same probe from ${plan.sibling.name}, as control`,
      probeCommand(plan.sibling.netns, plan.sibling.flow, asControl(plan.probe), plan.token),
    );
  if (plan.fullSize && plan.sender)
    yield announce(
      `once it is answered, one packet of ${plan.fullSize.bytes} bytes that must not be fragmented; if that is lost, three more and smaller ones`,
      fullSizeCommand(plan.sender, plan.fullSize),
    );
}
