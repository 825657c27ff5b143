import type { HookPacket } from '../netfilter/types.js';
import type { WalkStep } from './flow-walk-types.js';
import { lookupRoute } from './lookup-route.js';
import { addressIn } from './network.js';
import { reversePath } from './reverse-path.js';
import { confEither, isForwarding } from './settings.js';
import { linkNamed, type RoutingState } from './state.js';
import type { RouteAnswer, RouteOutcome, RouteQuery } from './types.js';
import type { StepPlace } from './walk-steps.js';

/** What the kernel looks up for a packet. */
export const queryOf = (packet: HookPacket, iif: string | null): RouteQuery => ({
  family: packet.family,
  destination: packet.destination,
  source: packet.source,
  iif,
  mark: packet.mark,
  protocol: packet.protocol,
  ...(packet.sourcePort === null ? {} : { sourcePort: packet.sourcePort }),
  ...(packet.destinationPort === null ? {} : { destinationPort: packet.destinationPort }),
});

/** The route look-up, which passes when its outcome is one of those wanted. */
export const routeStep = (
  place: StepPlace,
  routes: RoutingState,
  query: RouteQuery,
  wanted: readonly RouteOutcome[],
): { readonly step: WalkStep; readonly answer: RouteAnswer } => {
  const answer = lookupRoute(routes, query);
  const passes = wanted.includes(answer.outcome);
  return {
    answer,
    step: {
      ...place,
      stage: 'route',
      device: answer.dev,
      outcome: passes ? (answer.unknowns.length > 0 ? 'unknown' : 'pass') : 'drop',
      detail: { kind: 'route', query, answer },
    },
  };
};

/** Whether packets that come in by a device are forwarded. */
export const forwardingStep = (
  place: StepPlace,
  routes: RoutingState,
  iif: string,
  family: HookPacket['family'],
): WalkStep => {
  const { on, all } = isForwarding(routes, iif, family);
  return {
    ...place,
    stage: 'route',
    device: iif,
    outcome: on ? 'pass' : 'drop',
    detail: { kind: 'forwarding', device: iif, on, all },
  };
};

/** The check of a received packet's source. */
export const reversePathStep = (place: StepPlace, routes: RoutingState, packet: HookPacket, iif: string): WalkStep => {
  const answer = reversePath(routes, { ...queryOf(packet, iif), source: packet.source, iif });
  return {
    ...place,
    stage: 'route',
    device: iif,
    outcome: answer.passes ? 'pass' : 'drop',
    detail: { kind: 'reverse-path', device: iif, answer },
  };
};

/** Addresses that no routed IPv4 packet may have, and where one may have it after all. */
const MARTIANS = [
  ['source', '224.0.0.0/4', 'a multicast source'],
  ['source', '255.255.255.255/32', 'the broadcast address as source'],
  ['source', '0.0.0.0/8', 'a source in 0.0.0.0/8'],
  ['destination', '0.0.0.0/8', 'a destination in 0.0.0.0/8'],
  ['destination', '127.0.0.0/8', 'a loopback destination'],
  ['source', '127.0.0.0/8', 'a loopback source'],
] as const;

/**
 * What the kernel refuses before it looks at any route: addresses that cannot come in by a device. `null` when there is
 * nothing to say.
 * @see ip_route_input_slow in net/ipv4/route.c
 */
export const martianStep = (
  place: StepPlace,
  routes: RoutingState,
  packet: HookPacket,
  iif: string,
): WalkStep | null => {
  if (packet.family === 6 || iif === 'lo') return null;
  const found = MARTIANS.find(
    ([side, network]) =>
      addressIn(network, packet[side]) &&
      !(network === '127.0.0.0/8' && confEither(routes, iif, 'route_localnet')) &&
      !(packet.source === '0.0.0.0' && packet.destination === '255.255.255.255'),
  );
  if (found === undefined) return null;
  const [side, , problem] = found;
  const detail = { kind: 'address', address: packet[side], problem } as const;
  return { ...place, stage: 'route', device: iif, outcome: 'drop', detail };
};

/**
 * A packet of this host from a loopback address, which no other device sends without `route_localnet`. `null` for any other.
 * @see __mkroute_output in net/ipv4/route.c
 */
export const loopbackSourceStep = (
  place: StepPlace,
  routes: RoutingState,
  { family, source }: HookPacket,
  device: string | null,
): WalkStep | null => {
  if (family === 6 || device === null || !addressIn('127.0.0.0/8', source)) return null;
  if (linkNamed(routes, device)?.flags.includes('LOOPBACK') !== false) return null;
  if (routes.sysctls === null || confEither(routes, device, 'route_localnet')) return null;
  const detail = { kind: 'address', address: source, problem: 'a loopback source' } as const;
  return { ...place, stage: 'route', device, outcome: 'drop', detail };
};

/** A packet at the end of its life is not forwarded; `null` for any other. */
export const ttlStep = (place: StepPlace, packet: HookPacket): WalkStep | null =>
  packet.ttl > 1
    ? null
    : {
        ...place,
        stage: 'forward',
        device: packet.oif,
        outcome: 'reject',
        detail: { kind: 'ttl', ttl: packet.ttl },
      };
