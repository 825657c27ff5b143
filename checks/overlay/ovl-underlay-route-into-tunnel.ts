import type { Finding, Remedy } from '../../src/model/finding.js';
import type { RouteState } from '../../src/model/state.js';
import { lookupRoute, type RoutingState } from '../../src/routing/index.js';
import type { RouteAnswer } from '../../src/routing/types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { words } from '../support/commands.js';
import { type Tunnel, tunnelOf, wrapStage } from '../support/tunnel.js';

export const ovlUnderlayRouteIntoTunnel = defineCheck({
  meta: {
    id: 'ovl-underlay-route-into-tunnel',
    code: 'V6660',
    title: "the route to the tunnel's other end does not lead into the tunnel",
    covers: ['ovl-underlay-route-into-tunnel'],
    requires: ['host.links', 'host.addresses', 'host.routes', 'host.rules'],
    references: ['man 8 ip-route', 'https://docs.kernel.org/networking/vxlan.html'],
  },
  page: {
    meaning: 'The packets are wrapped for the other host, and the route to that host leads into the tunnel itself.',
    path: 'route look-up -> tunnel device: wraps the packet for the other host -> route look-up for that address: the same device -> dropped, no NIC ever sees it.',
    decided:
      "The rules and routes of this host, asked for the address of the tunnel's other end, answer with the tunnel device.",
    byHand: [
      'bridge fdb show dev flannel.1',
      'ip route get NODE',
      'ip -s -s link show flannel.1 (collsns)',
      'nstat -az IpOutNoRoutes',
    ],
    origins: [
      'a network of containers that covers the addresses of the hosts',
      'a VPN or an agent that sends "everything" into its tunnel, without an exception for the other end',
    ],
    fixes: [
      'ip route del ROUTE: where another one leads to the hosts',
      'ip route add NODE via GATEWAY dev eth0: an exception for the other end',
    ],
    prevention: 'Choose networks for containers that do not cover the addresses of the hosts.',
    lab: null,
  },
  run(artifacts, context) {
    const tunnel = tunnelOf(artifacts['host.links'], context);
    if (!tunnel) return notApplicable('the flow leaves by no VXLAN device');
    const { link, remote } = tunnel;
    if (remote === null) return notApplicable(`the other end of ${link.ifname} is not known`);
    const routing: RoutingState = {
      rules: artifacts['host.rules'],
      routes: artifacts['host.routes'],
      links: artifacts['host.links'],
      addresses: artifacts['host.addresses'],
      neighbours: [],
      sysctls: null,
    };
    const answer = routeOutside(routing, tunnel, remote);
    if (answer.unknowns.length > 0) return notApplicable(`a rule cannot be judged: ${answer.unknowns[0]}`);
    if (answer.dev !== link.ifname || answer.route === null)
      return pass(`the route to ${remote} does not lead into ${link.ifname}`);
    const without = routing.routes.filter((route) => route !== answer.route);
    const other = routeOutside({ ...routing, routes: without }, tunnel, remote);
    return fail(finding(context, tunnel, remote, answer.route, other));
  },
});

/** What the host answers for the packets that the tunnel makes. @see udp_tunnel_dst_lookup() in net/ipv4/udp_tunnel_core.c */
const routeOutside = (routing: RoutingState, { link }: Tunnel, remote: string): RouteAnswer => {
  const { local } = { local: undefined, ...link.data } as { readonly local: unknown };
  const source = typeof local === 'string' && local !== 'any' ? local : null;
  const family = remote.includes(':') ? 6 : 4;
  return lookupRoute(routing, { family, destination: remote, source, iif: null, mark: 0, protocol: 'udp' });
};

const finding = (
  context: CheckContext,
  tunnel: Tunnel,
  remote: string,
  route: RouteState,
  other: RouteAnswer,
): Finding => {
  const { link, out } = tunnel;
  return {
    cause: 'ovl-underlay-route-into-tunnel',
    title: `the route to ${remote}, the other end of ${link.ifname}, leads into ${link.ifname}`,
    place: {
      link: out,
      stage: wrapStage(context, out),
      way: 'forward',
      netns: 'host',
      device: link.ifname,
      object: route.text,
    },
    loses: [{ link: out, way: 'forward' }],
    proof: [
      {
        kind: 'read',
        text: `${link.ifname} wraps the packets for ${remote}`,
        command: ['bridge', 'fdb', 'show', 'dev', link.ifname],
      },
      { kind: 'read', text: route.text, command: ['ip', 'route', 'get', remote] },
    ],
    remedies: [remedy(tunnel, remote, route, other)],
    notes: ['no NIC sees these packets: the tunnel device drops them and counts a collision'],
  };
};

const remedy = ({ link }: Tunnel, remote: string, route: RouteState, other: RouteAnswer): Remedy => {
  const changed = ['ip', ...(route.family === 6 ? ['-6'] : []), 'route'];
  const leadsOut = other.outcome === 'unicast' && other.dev !== null && other.dev !== link.ifname;
  if (route.table === 'main' && leadsOut)
    return {
      kind: 'runtime',
      title: `take that route out: ${remote} is then reached by ${other.dev}`,
      netns: 'host',
      commands: [[...changed, 'del', ...words(route.text)]],
      undo: [[...changed, 'add', ...words(route.text)]],
      risk: 'medium',
      riskText: `everything that took ${route.destination} by ${link.ifname} goes by ${other.dev} as well`,
    };
  return {
    kind: 'instruction',
    title: `add an exception for the other end: ip route add ${remote} via GATEWAY dev DEVICE`,
    netns: 'host',
    commands: [],
    undo: [],
    risk: 'low',
    riskText: 'nothing is changed here',
  };
};
