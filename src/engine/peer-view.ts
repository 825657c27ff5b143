import type { PeerView } from '../../checks/define-check.js';
import type { Evidence } from '../model/evidence.js';
import type { Hop } from '../model/path.js';
import { hopOf, wireLink } from '../model/path-queries.js';
import type { LinkState } from '../model/state.js';
import type { HookPacket } from '../netfilter/types.js';
import type { FlowWalk } from '../routing/flow-walk-types.js';
import { firstPacket } from '../routing/probe-packet.js';
import { primaryAddress } from '../routing/source-address.js';
import { walkPeer } from '../routing/walk-peer.js';
import { routesOf } from '../routing/walk-steps.js';

/** Outer IPv4, UDP and VXLAN headers with the Ethernet header inside. @see RFC 7348 section 5 */
const WRAPPING = 50;

/** What is known of the other end's host: what it saw of the packets, and what its rules and routes do with them. */
export const peerView = (evidence: Evidence, { atUplink }: FlowWalk): PeerView | null => {
  const { peer, path, before } = evidence;
  const state = before['peer'];
  const link = wireLink(path)?.id;
  if (!peer || !state || link === undefined || atUplink === null) return null;
  const named = (hop: Hop | undefined): LinkState | null =>
    (state.links.ok && state.links.value.find(({ ifname }) => ifname === hop?.ifname)) || null;
  const byRole = (role: Hop['role']): Hop | undefined => peer.hops.find((hop) => hop.role === role);
  const [entry, tunnel] = [byRole('uplink'), byRole('tunnel')];
  const last = peer.hops.find(({ role }) => role === 'bridge' || role === 'veth-host');
  const outer = tunnel ? outerPacket(evidence, atUplink) : null;
  const iif = (tunnel ?? (hopOf(path, 'tunnel') === null ? entry : undefined))?.ifname ?? null;
  const wraps = outer !== null && entry?.ifname ? { packet: outer, iif: entry.ifname } : null;
  return {
    name: peer.spelled,
    hops: peer.hops.map((hop) => seenAt(evidence, hop)),
    entry: named(entry),
    addresses: state.addresses.ok ? state.addresses.value.map(({ local }) => local) : [],
    tunnel: named(tunnel),
    remote: outer?.destination ?? null,
    walk:
      iif === null
        ? null
        : walkPeer({
            place: { link, netns: 'peer' },
            state,
            packet: atUplink,
            iif,
            oif: last?.ifname ?? null,
            outer: wraps,
          }),
  };
};

const seenAt = ({ peer }: Evidence, hop: Hop) => {
  const count = (way: 'forward' | 'return', kind: 'request' | 'reply'): number =>
    new Set(
      peer?.sightings
        .filter((one) => one.hop === hop.id && one.way === way && one.kind === kind)
        .map(({ probe }) => probe),
    ).size;
  const report = peer?.captures.find((capture) => capture.hop === hop.id);
  return {
    ...hop,
    forward: count('forward', 'request'),
    return: count('return', 'reply'),
    trusted: hop.down === true || (report !== undefined && report.error === null && report.droppedByKernel === 0),
  };
};

/** The UDP packet of the tunnel as this host sends it; `null` where it is none, or its ends are not known. */
const outerPacket = ({ path, before, flow }: Evidence, inner: HookPacket): HookPacket | null => {
  const [through, uplink] = [hopOf(path, 'tunnel'), hopOf(path, 'uplink')];
  const state = before[uplink?.netns ?? ''];
  const routes = routesOf(state);
  const remote = through?.tunnel?.remote ?? null;
  if (!uplink?.inside || routes === null || remote === null || uplink.ifname === null) return null;
  const family = uplink.inside.outerFamily;
  const source = primaryAddress(routes, uplink.ifname, family);
  const { dns: _, ...plain } = flow;
  return source === null
    ? null
    : firstPacket(
        { ...plain, family, protocol: 'udp', source, destination: remote, port: uplink.inside.port },
        inner.length + WRAPPING,
      );
};
