import type { Way } from '../model/flow.js';
import type { Hop, HopRole, RouterNode } from '../model/path.js';
import type { LinkState, NetnsState } from '../model/state.js';
import { askBridge, type BridgeView } from './bridge.js';
import type { WalkInput, WalkStep } from './flow-walk-types.js';
import { portBeside } from './frame-way.js';
import { macOf } from './link-mac.js';
import { neighbourOf } from './neighbour.js';
import { linkNamed } from './state.js';
import { routesOf } from './walk-steps.js';

const STAGE = {
  container: 'veth',
  'veth-host': 'veth',
  bridge: 'bridge-forward',
  'bridge-port': 'bridge-forward',
  uplink: 'qdisc',
  lower: 'qdisc',
  tunnel: 'qdisc',
  peer: 'veth',
} as const satisfies Partial<Record<HopRole, WalkStep['stage']>>;

/** Whether the devices that the frame passes are up and have a carrier, from one hop to another. */
export const deviceSteps = (input: WalkInput, from: number, to: number): readonly WalkStep[] =>
  input.path.hops.slice(from, to).flatMap((hop, offset) => {
    const links = input.states[hop.netns]?.links;
    if (!(hop.role in STAGE) || hop.ifname === null || !links?.ok) return [];
    const link = linkNamed({ links: links.value }, hop.ifname);
    const problem =
      link === null
        ? `${hop.ifname} is gone`
        : STAGE[hop.role as keyof typeof STAGE] === 'qdisc'
          ? problemOf(link)
          : ownProblemOf(link);
    return [
      {
        way: 'forward',
        link: input.path.links[Math.max(from + offset - 1, 0)]?.id ?? '',
        stage: STAGE[hop.role as keyof typeof STAGE],
        netns: hop.netns,
        device: hop.ifname,
        outcome: problem === null ? 'pass' : 'drop',
        detail: { kind: 'device', problem, role: hop.role },
      },
    ];
  });

/** Inside the host a bridge and a veth lose their carrier to a port or peer that is down: that is told of the port and the peer. */
const ownProblemOf = (link: LinkState): string | null =>
  (link.kind === 'bridge' || link.kind === 'veth') && link.flags.includes('UP') ? null : problemOf(link);

const problemOf = ({ ifname, flags }: LinkState): string | null => {
  if (!flags.includes('UP')) return `${ifname} is down`;
  return flags.includes('LOWER_UP') || flags.includes('LOOPBACK') ? null : `${ifname} has no carrier`;
};

const KNOWN: ReadonlySet<string> = new Set(['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'PERMANENT', 'NOARP']);

/** What the kernel knows of the next hop; a look-up that failed may succeed the next time. */
export const neighbourStep = (
  input: Pick<WalkInput, 'states'>,
  at: { readonly way: Way; readonly link: string; readonly netns: string },
  device: string | null,
  address: string | null,
): readonly WalkStep[] => {
  const routes = routesOf(input.states[at.netns]);
  const link = routes && linkNamed(routes, device);
  if (!routes || !link || device === null || address === null) return [];
  if (link.flags.includes('NOARP') || link.flags.includes('LOOPBACK')) return [];
  const entry = neighbourOf(routes, device, address);
  const known = entry === null || entry.states.some((state) => KNOWN.has(state));
  return [
    {
      ...at,
      stage: 'neighbour',
      device,
      outcome: known ? 'pass' : 'unknown',
      detail: { kind: 'neighbour', address, entry },
    },
  ];
};

/** The decision of the bridge between the container and its router (or the other container). */
export const bridgeSteps = (input: WalkInput, way: Way, router: RouterNode | null): readonly WalkStep[] => {
  const port = input.path.hops.find(({ role }) => role === 'veth-host') ?? null;
  const state = port && input.states[port.netns];
  const view = state && port && bridgeOf(state, port, way === 'return' && router !== null);
  if (!state || !view || !port?.ifname) return [];
  const container = macOf(input, 1);
  const link = input.path.links.find(({ from }) => from === port.id)?.id ?? '';
  const place = { way, link, stage: 'bridge-forward', netns: port.netns, device: port.ifname } as const;
  const step = (from: string | null, source: string | null, destination: string): WalkStep => {
    const answer = askBridge(view, { port: from, source, destination, vlan: null });
    const outcome = answer.outcome === 'drop' ? 'drop' : answer.outcome === 'unknown' ? 'unknown' : 'pass';
    return { ...place, outcome, detail: { kind: 'bridge', bridge: view.ifname, answer } };
  };
  if (router !== null) {
    if (router.iif !== view.ifname || view.address === null) return [];
    if (way === 'forward') return [step(port.ifname, container, view.address)];
    return container === null ? [] : [step(null, view.address, container)];
  }
  const far = input.path.hops.findIndex(({ role }) => role === 'bridge-port');
  const other = input.path.hops[far]?.ifname ?? null;
  const peer = macOf(input, far + 1);
  if (far < 0 || other === null || peer === null || container === null) return [];
  return [way === 'forward' ? step(port.ifname, container, peer) : step(other, peer, container)];
};

/**
 * The decision of the bridge that is a router's device to the outside: on which port it sends what the router sends, and
 * whether it takes the answer up.
 * @param far MAC address of the next hop; where it is not known, the bridge is not asked
 */
export const portSteps = (input: WalkInput, way: Way, router: RouterNode, far: string | null): readonly WalkStep[] => {
  const port = portBeside(input, router, 'to');
  const state = port && input.states[port.netns];
  const view = state && bridgeView(state, port.bridge);
  if (!view || far === null || view.address === null) return [];
  const frame =
    way === 'forward'
      ? { port: null, source: view.address, destination: far }
      : { port: port.port, source: far, destination: view.address };
  const answer = askBridge(way === 'forward' ? view : forwarding(view, port.port), { ...frame, vlan: null });
  const outcome = answer.outcome === 'drop' ? 'drop' : answer.outcome === 'unknown' ? 'unknown' : 'pass';
  const { netns, link, port: device } = port;
  return [
    {
      way,
      link,
      stage: 'bridge-forward',
      netns,
      device,
      outcome,
      detail: { kind: 'bridge', bridge: view.ifname, answer },
    },
  ];
};

/** @param mended the container's own port forwards */
const bridgeOf = (state: NetnsState, port: Hop, mended: boolean): BridgeView | null => {
  const links = state.links.ok ? state.links.value : [];
  const view = bridgeView(state, linkNamed({ links }, port.ifname)?.master ?? null);
  return view !== null && mended ? forwarding(view, port.ifname) : view;
};

/** The bridge with a port that forwards: what is wrong with it was told on the way out. */
const forwarding = (view: BridgeView, port: string | null): BridgeView => ({
  ...view,
  up: true,
  ports: view.ports.map((one) => (one.ifname === port ? { ...one, state: 'forwarding' } : one)),
});

/** A bridge of a namespace as its decisions depend on it; `null` when there is none of that name or it was not read. */
export const bridgeView = (state: NetnsState, ifname: string | null): BridgeView | null => {
  if (!state.links.ok || !state.bridgePorts.ok) return null;
  const links = { links: state.links.value };
  const bridge = linkNamed(links, ifname);
  if (bridge?.kind !== 'bridge') return null;
  return {
    ifname: bridge.ifname,
    up: bridge.flags.includes('UP'),
    address: bridge.address,
    ports: state.bridgePorts.value.filter(({ master }) => master === bridge.ifname),
    fdb: state.fdb.ok ? state.fdb.value : [],
    vlanFiltering: bridge.data['vlan_filtering'] === 1,
    vlans: state.bridgeVlans?.ok ? state.bridgeVlans.value : null,
  };
};
