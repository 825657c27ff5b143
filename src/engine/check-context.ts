import type { CheckContext } from '../../checks/define-check.js';
import type { Evidence } from '../model/evidence.js';
import type { Located } from '../model/located.js';
import type { NetnsId } from '../model/netns.js';
import type { ArtifactName, ArtifactValue, NetnsState, QdiscState } from '../model/state.js';
import { tooBigFor } from '../model/too-big.js';
import { counterOf } from '../netfilter/counters.js';
import { loadNetfilter } from '../netfilter/load.js';
import type { FlowWalk, WalkInput } from '../routing/flow-walk-types.js';
import { walkTooBig } from '../routing/walk-too-big.js';
import { isKernelSeen } from './kernel-witness.js';
import { peerView } from './peer-view.js';

const valueAfter = <N extends ArtifactName>(evidence: Evidence, id: NetnsId, name: N): NetnsState[N] | undefined =>
  evidence.after[id]?.[name] as NetnsState[N] | undefined;

/** Queueing disciplines that hold the filters at a device's ingress and egress, and queue nothing. @see tc(8) */
const HOOK_QDISCS: readonly string[] = ['clsact', 'ingress'];
const valueBefore = <N extends ArtifactName>(evidence: Evidence, id: NetnsId, name: N): ArtifactValue<N> | null => {
  const artifact = evidence.before[id]?.[name];
  return artifact?.ok ? (artifact.value as ArtifactValue<N>) : null;
};

const onlyOnce = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/** What checks may know of a run, beside the artifacts that each declares. */
export const checkContext = (
  evidence: Evidence,
  located: Located,
  { input, walk, anew }: { readonly input: WalkInput; readonly walk: FlowWalk; readonly anew: () => FlowWalk },
): CheckContext => ({
  flow: evidence.flow,
  target: evidence.target,
  path: evidence.path,
  located,
  walk,
  probe: evidence.probe,
  control: evidence.control,
  process: evidence.traffic ? null : (evidence.process ?? null),
  server: evidence.server ?? null,
  sent: { bytes: input.length, df: evidence.probeSettings.df },
  socket: evidence.traffic?.socket?.after ?? evidence.traffic?.socket?.before ?? null,
  source: evidence.probeSettings.source,
  controlGroup: evidence.probeSettings.controlGroup ?? null,
  tooBig: evidence.probe && tooBigFor(evidence.probe),
  fullSize:
    evidence.fullSize && evidence.fullSize.probe === evidence.probe
      ? { passes: evidence.fullSize.passes ?? null }
      : null,
  walkAnew: onlyOnce(anew),
  tooBigSteps: (from) => walkTooBig(input, from),
  asked: evidence.asked,
  sightings: evidence.sightings,
  hasHeaders: !isKernelSeen(evidence),
  kernelDrops: evidence.kernelDrops,
  peer: peerView(evidence, walk),
  inbound: evidence.inbound ?? null,
  networks: evidence.containerNetworks?.ok ? evidence.containerNetworks.value : [],
  hasRead: (id, ...names) => names.every((name) => evidence.before[id]?.[name]?.ok === true),
  netns: (id) => {
    const found = evidence.netns.find((netns) => netns.id === id);
    if (!found) throw new TypeError(`no namespace ${id} in this run`);
    return found;
  },
  netfilter: (id) => {
    const state = evidence.before[id];
    return state ? loadNetfilter(state) : null;
  },
  delta: (id, counter) => {
    const [before, after] = [evidence.before[id]?.counters, valueAfter(evidence, id, 'counters')];
    if (!before?.ok || !after?.ok) return null;
    return (after.value[counter] ?? 0) - (before.value[counter] ?? 0);
  },
  qdisc: (id, device) => {
    const [before, after] = [evidence.before[id]?.qdiscs, valueAfter(evidence, id, 'qdiscs')];
    const root = (list: readonly QdiscState[]) => list.find((one) => one.dev === device && one.parent === null);
    const [first, second] = [before?.ok && root(before.value), after?.ok && root(after.value)];
    return first && second && first.kind === second.kind
      ? { kind: second.kind, dropped: second.drops - first.drops }
      : null;
  },
  tcHooks: (id, device) => {
    const { qdiscs, tcFilters } = evidence.before[id] ?? {};
    const again = valueAfter(evidence, id, 'qdiscs');
    const hooks = (read: typeof again) =>
      read?.ok ? read.value.find(({ dev, kind }) => dev === device && HOOK_QDISCS.includes(kind)) : undefined;
    const [first, second] = [hooks(qdiscs), hooks(again)];
    if (!first) return null;
    return {
      filters: tcFilters?.ok ? tcFilters.value.filter(({ dev }) => dev === device) : [],
      dropped: second ? second.drops - first.drops : null,
    };
  },
  ruleDelta: (id, rule) => {
    const before = evidence.before[id];
    const again = evidence.after[id];
    if (!before || !again) return null;
    const [first, second] = [
      counterOf(loadNetfilter(before), rule),
      counterOf(loadNetfilter({ ...before, ...again }), rule),
    ];
    return first && second ? { packets: second.packets - first.packets, bytes: second.bytes - first.bytes } : null;
  },
  owners: (address) =>
    evidence.netns.flatMap((netns) => {
      const { addresses, links } = evidence.before[netns.id] ?? {};
      if (!addresses?.ok || !links?.ok) return [];
      return addresses.value
        .filter(({ local }) => local === address)
        .map(({ ifname: device, flags }) => {
          const mac = links.value.find(({ ifname }) => ifname === device)?.address ?? null;
          return { netns, device, mac, isSecondary: flags.includes('secondary') };
        });
    }),
  ovsPorts: valueBefore(evidence, 'host', 'ovsPorts'),
  wireguardPeers: valueBefore(evidence, 'host', 'wireguardPeers') ?? [],
  resolvConf: valueBefore(evidence, 'target', 'resolvConf'),
  sockets: (id) => valueBefore(evidence, id, 'sockets'),
  bridgeGroups: (id) => valueBefore(evidence, id, 'bridgeGroups'),
  bridgeVlans: (id) => valueBefore(evidence, id, 'bridgeVlans'),
  conntrack: (id) => valueBefore(evidence, id, 'conntrack')?.entries ?? null,
  conntrackAfter: (id) => {
    const again = valueAfter(evidence, id, 'conntrack');
    return again?.ok ? again.value.entries : null;
  },
  device: (id, ifname) => {
    const links = evidence.before[id]?.links;
    return (links?.ok && links.value.find((link) => link.ifname === ifname)) || null;
  },
  neighbour: (id, device, address) => {
    const read = valueAfter(evidence, id, 'neighbours') ?? evidence.before[id]?.neighbours;
    return (read?.ok && read.value.find((entry) => entry.dev === device && entry.address === address)) || null;
  },
});
