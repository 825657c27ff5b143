import type { Finding } from '../../src/model/finding.js';
import { wireLink } from '../../src/model/path-queries.js';
import type { LinkState, NeighbourState } from '../../src/model/state.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { words } from '../support/commands.js';
import { isPrivate } from '../support/nat.js';
import { deadNextHop, isOffLink, lostAtNextHop } from '../support/next-hop.js';
import { askedProof } from '../support/proofs.js';
import { DEFAULTS, strayed } from '../support/stray.js';
import { isTunnelled } from '../support/tunnel.js';

export const ovlRouteMissing = defineCheck({
  meta: {
    id: 'ovl-route-missing',
    code: 'V6630',
    title: 'the host has a route to the containers of the other host',
    covers: ['ovl-route-missing', 'ovl-dev-down', 'ovl-hostgw-wrong-nexthop'],
    requires: ['host.routes', 'host.links', 'host.addresses', 'host.neighbours'],
    references: ['man 8 ip-route', 'https://docs.kernel.org/networking/vxlan.html'],
  },
  page: {
    meaning:
      "The route by which this host reaches another host's containers is missing, its tunnel is down, or its next hop is no neighbour: the packets go astray.",
    path: "bridge -> route look-up: the default route instead of the tunnel's (or of the other host's) -> uplink -> nobody there knows the address.",
    decided:
      'The default route takes a packet for a network to which the tunnel device has an end, or the tunnel of the own network is down; or the next hop of a route to containers lies in no network of its device and does not answer.',
    byHand: ['ip route get 192.168.1.2', 'ip -d link show type vxlan', 'ip neigh show dev flannel.1'],
    origins: [
      'NetworkManager or networkd set the tunnel device down or flushed its routes',
      'the agent that writes the routes (flanneld, kube-router, bird) is stopped',
      'the other host is not on the same network segment, and routes over the hosts themselves (host-gw) need that',
    ],
    fixes: [
      'ip link set flannel.1 up, then restart the agent: it writes routes and entries anew',
      'ip route add SUBNET via END dev flannel.1 onlink: at once',
      'a tunnel (VXLAN) instead of host-gw where hosts are not neighbours',
    ],
    prevention: 'Tell NetworkManager to leave the devices alone (unmanaged-devices=interface-name:flannel*).',
    lab: 'ovl-route-missing',
  },
  run(artifacts, context) {
    const isJoined = artifacts['host.links'].some(({ kind }) => kind === 'vxlan');
    const step = stepsOf(context.walk, 'route').findLast(({ netns, way }) => netns === 'host' && way === 'forward');
    const route = step?.detail.answer.route;
    if (!step || !route || context.flow.kind !== 'egress' || !isPrivate(context.flow.destination))
      return notApplicable('the flow leads to no private network outside this host');
    if (isTunnelled(context)) return pass('the route leads into the tunnel');
    const dead = deadNextHop(context, artifacts['host.links']);
    if (dead && isOffLink(dead, artifacts['host.addresses'])) return fail(notANeighbour(context, dead));
    if (!isJoined) return notApplicable('this host has no VXLAN device');
    if (!DEFAULTS.includes(route.destination)) return pass(`${route.text} leads to ${context.flow.destination}`);
    if (context.located.answered > 0 || context.located.replyBy.length > 0) return pass('answers come back');
    const stray = strayed(artifacts, context);
    if (stray?.end) return fail(withoutRoute(context, step, stray.link, stray.end, stray.bits));
    if (stray && isLeftUntranslated(context)) return fail(tunnelDown(context, step, stray.link));
    if (stray)
      return notApplicable(`whether the packets were to go by ${stray.link.ifname}, which is down, is not known`);
    return pass('no tunnel of this host leads there');
  },
});

/** Whether the source is kept on the way out although it is private: the destination then knows the containers. */
const isLeftUntranslated = ({ walk, flow }: CheckContext): boolean =>
  walk.atUplink !== null && walk.atUplink.source === flow.source && walk.unknowns.length === 0;

const astray = (context: CheckContext, step: StepOf<'route'>): Pick<Finding, 'loses' | 'place'> => {
  const wire = wireLink(context.path)?.id ?? step.link;
  return {
    place: {
      link: step.link,
      stage: 'route',
      way: 'forward',
      netns: 'host',
      object: step.detail.answer.route?.text ?? '',
    },
    loses: [
      { link: wire, way: 'forward' },
      { link: wire, way: 'return' },
    ],
  };
};

const taken = (context: CheckContext, { detail }: StepOf<'route'>) => [
  {
    kind: 'read' as const,
    text: `the packets take ${detail.answer.route?.text ?? 'the default route'}`,
    command: ['ip', 'route', 'show', 'match', context.flow.destination],
  },
  ...askedProof(context, 'route-forward', 'host'),
];

const withoutRoute = (
  context: CheckContext,
  step: StepOf<'route'>,
  { ifname }: LinkState,
  end: NeighbourState,
  bits: number,
): Finding => {
  const route = `${end.address}/${bits} via ${end.address} dev ${ifname} onlink`;
  return {
    cause: 'ovl-route-missing',
    title: `no route to ${end.address}/${bits} by ${ifname}, which has an end there`,
    ...astray(context, step),
    proof: [
      {
        kind: 'read',
        text: `${ifname} has an end there: ${end.address} lladdr ${end.lladdr} ${end.states.join(' ')}`,
        command: ['ip', 'neigh', 'show', 'dev', ifname],
      },
      ...taken(context, step),
    ],
    remedies: [
      {
        kind: 'runtime',
        title: `add the route by ${ifname} (the agent of the tunnel writes it anew when it is restarted)`,
        netns: 'host',
        commands: [['ip', 'route', 'add', ...words(route)]],
        undo: [['ip', 'route', 'del', ...words(route)]],
        risk: 'low',
        riskText: 'one route to containers of another host',
      },
    ],
  };
};

const tunnelDown = (context: CheckContext, step: StepOf<'route'>, { ifname }: LinkState): Finding => ({
  cause: 'ovl-dev-down',
  title: `${ifname}, by which this network reaches other hosts, is down`,
  ...astray(context, step),
  proof: [
    { kind: 'read', text: `${ifname}: vxlan, not up`, command: ['ip', '-d', 'link', 'show', ifname] },
    ...taken(context, step),
    {
      kind: 'read',
      text: `the rules leave ${context.flow.source} untranslated on its way to ${context.flow.destination}`,
    },
  ],
  remedies: [
    {
      kind: 'instruction',
      title: `ip link set ${ifname} up, then restart its agent (flanneld): its routes and entries went with it`,
      netns: 'host',
      commands: [],
      undo: [],
      risk: 'low',
      riskText: 'nothing is changed here',
    },
  ],
});

const notANeighbour = (context: CheckContext, dead: NonNullable<ReturnType<typeof deadNextHop>>): Finding => {
  const route = dead.step.detail.answer.route?.text ?? '';
  const lost = lostAtNextHop(context, dead);
  return {
    cause: 'ovl-hostgw-wrong-nexthop',
    title: `the next hop ${dead.address} lies in no network of ${dead.device}`,
    ...lost,
    proof: [
      ...lost.proof,
      { kind: 'read', text: route, command: ['ip', 'route', 'show', 'match', context.flow.destination] },
      ...askedProof(context, 'route-forward', 'host'),
    ],
    remedies: [
      {
        kind: 'instruction',
        title: `hosts that are no neighbours need a tunnel (VXLAN), or a router that knows the way: ip route replace ${dead.step.detail.answer.route?.destination ?? ''} via ROUTER`,
        netns: 'host',
        commands: [],
        undo: [],
        risk: 'low',
        riskText: 'nothing is changed here',
      },
    ],
  };
};
