import { fullSizeEvidence } from '../../src/engine/judge-full-size.js';
import type { ContainerNetwork } from '../../src/model/container-network.js';
import type { Evidence } from '../../src/model/evidence.js';
import type { InboundEvidence } from '../../src/model/inbound.js';
import type { NetnsId } from '../../src/model/netns.js';
import type { HopRole } from '../../src/model/path.js';
import type { ProbeResult } from '../../src/model/probe.js';
import type {
  AddressState,
  ArtifactName,
  ArtifactValue,
  BridgePort,
  LinkState,
  NeighbourState,
  NetnsState,
  PolicyRule,
  RouteState,
} from '../../src/model/state.js';

/** Small changes of recorded evidence: what a namespace would have shown if one thing had been otherwise. */
export type Edit = (evidence: Evidence) => Evidence;

/** Evidence after several edits, in order. */
export const edited = (evidence: Evidence, ...edits: readonly Edit[]): Evidence =>
  edits.reduce((whole, edit) => edit(whole), evidence);

/** Changes an artifact in both snapshots; in the second only where it was read again. */
export const artifact =
  <N extends ArtifactName>(
    netns: NetnsId,
    name: N,
    change: (value: ArtifactValue<N>) => ArtifactValue<N>,
    only?: 'after',
  ): Edit =>
  (evidence) => {
    const apply = <S extends Partial<NetnsState>>(state: S | undefined): S | undefined => {
      const old = state?.[name];
      return state && old?.ok ? { ...state, [name]: { ...old, value: change(old.value as ArtifactValue<N>) } } : state;
    };
    const whole = (states: Readonly<Record<NetnsId, Partial<NetnsState>>>) => ({
      ...states,
      ...(states[netns] ? { [netns]: apply(states[netns]) } : {}),
    });
    if (!evidence.before[netns]?.[name]?.ok) throw new Error(`${netns} has no ${name} to change`);
    return {
      ...evidence,
      before: (only === 'after' ? evidence.before : whole(evidence.before)) as Evidence['before'],
      after: whole(evidence.after) as Evidence['after'],
    };
  };

const onlyOne = <T>(
  list: readonly T[],
  isIt: (item: T) => boolean,
  change: (item: T) => readonly T[],
): readonly T[] => {
  if (list.filter(isIt).length !== 1) throw new Error(`${list.filter(isIt).length} items to change, not one`);
  return list.flatMap((item) => (isIt(item) ? change(item) : [item]));
};

/** The full-size packet as the probe of its own that a diagnosis makes of it. */
export const ofFullSize: Edit = (evidence) => {
  if (evidence.fullSize === undefined) throw new Error('no full-size packet was recorded');
  return fullSizeEvidence(evidence);
};

export const sysctl = (netns: NetnsId, key: string, value: string): Edit =>
  artifact(netns, 'sysctls', (all) => ({ ...all, [key]: value }));

export const link = (netns: NetnsId, ifname: string, change: (link: LinkState) => Partial<LinkState>): Edit =>
  artifact(netns, 'links', (links) =>
    onlyOne(
      links,
      (one) => one.ifname === ifname,
      (one) => [{ ...one, ...change(one) }],
    ),
  );

/** A link without some of its flags. */
export const withoutFlags = (netns: NetnsId, ifname: string, ...flags: readonly string[]): Edit =>
  link(netns, ifname, (one) => ({ flags: one.flags.filter((flag) => !flags.includes(flag)), operstate: 'DOWN' }));

export const addLink = (netns: NetnsId, like: string, change: Partial<LinkState>): Edit =>
  artifact(netns, 'links', (links) => {
    const model = links.find((one) => one.ifname === like);
    if (!model) throw new Error(`no link ${like}`);
    return [...links, { ...model, ...change }];
  });

export const addRoute = (netns: NetnsId, route: Partial<RouteState> & Pick<RouteState, 'destination' | 'text'>): Edit =>
  artifact(netns, 'routes', (routes) => [
    {
      family: 4 as const,
      table: 'main',
      type: 'unicast' as const,
      nexthops: [],
      metric: 0,
      tos: 0,
      prefsrc: null,
      protocol: null,
      scope: null,
      mtu: null,
      ...route,
    },
    ...routes,
  ]);

export const removeRoutes = (netns: NetnsId, isIt: (route: RouteState) => boolean): Edit =>
  artifact(netns, 'routes', (routes) => routes.filter((route) => !isIt(route)));

export const addRule = (netns: NetnsId, rule: Partial<PolicyRule> & Pick<PolicyRule, 'priority' | 'text'>): Edit =>
  artifact(netns, 'rules', (rules) =>
    [
      {
        family: 4 as const,
        not: false,
        source: null,
        destination: null,
        iif: null,
        oif: null,
        mark: null,
        markMask: 0xffffffff,
        tos: null,
        protocol: null,
        sourcePorts: null,
        destinationPorts: null,
        uids: null,
        action: 'table' as const,
        table: null,
        goto: null,
        suppressPrefixLength: null,
        suppressIfgroup: null,
        l3mdev: false,
        ...rule,
      },
      ...rules,
    ].sort((a, b) => a.priority - b.priority),
  );

export const addresses = (netns: NetnsId, change: (address: AddressState) => readonly AddressState[]): Edit =>
  artifact(netns, 'addresses', (all) => all.flatMap(change));

/** The neighbour entries of an address, before and after the probe. */
export const neighbour = (netns: NetnsId, address: string, change: Partial<NeighbourState>): Edit =>
  artifact(netns, 'neighbours', (all) =>
    all.map((entry) => (entry.address === address ? { ...entry, ...change } : entry)),
  );

export const forgetNeighbours = (netns: NetnsId): Edit => artifact(netns, 'neighbours', () => []);

export const bridgePort = (ifname: string, change: Partial<BridgePort>): Edit =>
  artifact('host', 'bridgePorts', (ports) =>
    onlyOne(
      ports,
      (port) => port.ifname === ifname,
      (port) => [{ ...port, ...change }],
    ),
  );

/** A ruleset in the form of iptables-save, for one back-end; nothing of it is in nftables' own listing. */
export const iptables = (netns: NetnsId, rules: string, backend: 'legacy' | 'nft' = 'legacy'): Edit => {
  const name = backend === 'legacy' ? 'iptablesLegacy' : 'iptablesNft';
  return (evidence) => {
    const put = <S extends Partial<NetnsState>>(state: S): S => ({
      ...state,
      [name]: { ok: true, value: rules, command: [`iptables-${backend}-save`, '-c'], ms: 0 },
    });
    const { before, after } = evidence;
    const [first, second] = [before[netns], after[netns]];
    return {
      ...evidence,
      before: first ? { ...before, [netns]: put(first) } : before,
      after: second ? { ...after, [netns]: put(second) } : after,
    };
  };
};

/** The host's own probe, as if it had been answered, or not. */
export const control =
  (answered: boolean): Edit =>
  (evidence) => {
    const own: ProbeResult | null = evidence.control ?? evidence.probe;
    if (!own) throw new Error('no probe to copy');
    return { ...evidence, control: { ...own, answered: answered ? own.sent : 0 } };
  };

export const flow =
  (change: Partial<Evidence['flow']>): Edit =>
  (evidence) => ({ ...evidence, flow: { ...evidence.flow, ...change } });

/** An artifact that could not be read. */
export const unread =
  (netns: NetnsId, name: ArtifactName): Edit =>
  (evidence) => {
    const nothing = { ok: false, reason: 'failed', message: 'it went wrong', command: [], ms: 0 };
    const state = { ...evidence.before[netns], [name]: nothing } as NetnsState;
    return { ...evidence, before: { ...evidence.before, [netns]: state } };
  };

/** The requests at a hop with another source address, as if they had (not) been translated. */
export const sourceAt =
  (hop: string, source: string): Edit =>
  (evidence) => ({
    ...evidence,
    sightings: evidence.sightings.map((seen) =>
      seen.hop === hop && seen.kind === 'request' && seen.packet.ip
        ? { ...seen, packet: { ...seen.packet, ip: { ...seen.packet.ip, source } } }
        : seen,
    ),
  });

/** A capture that did not run. */
export const withoutCapture =
  (hop: string): Edit =>
  (evidence) => ({
    ...evidence,
    sightings: evidence.sightings.filter((sighting) => sighting.hop !== hop),
    captures: evidence.captures.map((report) =>
      report.hop === hop
        ? { ...report, error: 'tcpdump was killed', failure: 'failed', packets: 0, droppedByKernel: null }
        : report,
    ),
  });

/** A path on which a hop plays another role. */
export const role =
  (hop: string, as: HopRole): Edit =>
  (evidence) => ({
    ...evidence,
    path: { ...evidence.path, hops: evidence.path.hops.map((one) => (one.id === hop ? { ...one, role: as } : one)) },
  });

/** Docker's network `shop` behind br0, as if its daemon had been asked. */
export const inNetwork =
  (change: Partial<ContainerNetwork> = {}): Edit =>
  (evidence) => {
    const network: ContainerNetwork = {
      runtime: 'docker',
      name: 'shop',
      driver: 'bridge',
      bridge: 'br0',
      internal: false,
      icc: true,
      masquerade: true,
      subnets: ['192.168.0.0/24'],
      ...change,
    };
    return { ...evidence, containerNetworks: { ok: true, value: [network], command: [], ms: 0 } };
  };

/** What is known of the published port otherwise than it was. */
export const published =
  (change: Partial<InboundEvidence>): Edit =>
  (evidence) => {
    if (!evidence.inbound) throw new Error('the flow does not come in');
    return { ...evidence, inbound: { ...evidence.inbound, ...change } };
  };

/** The target as if Docker had started it, with the ports that it publishes. */
export const asDocker =
  (...ports: readonly string[]): Edit =>
  (evidence) => ({ ...evidence, target: { ...evidence.target, kind: 'docker', ports } });
