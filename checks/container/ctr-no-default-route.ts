import type { Family } from '../../src/model/flow.js';
import { hopOf, originLink } from '../../src/model/path-queries.js';
import type { AddressState, LinkState, NeighbourState, RouteState } from '../../src/model/state.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { gatewayGuess, globalAddresses, inSubnetOf } from '../support/container.js';
import { askedProof, countedProof, socketErrorProof } from '../support/proofs.js';

export const ctrNoDefaultRoute = defineCheck({
  meta: {
    id: 'ctr-no-default-route',
    code: 'V1004',
    title: 'the container has a route to the destination',
    covers: ['ctr-no-default-route'],
    requires: [
      'target.links',
      'target.addresses',
      'target.routes',
      'target.neighbours',
      'host.addresses',
      'host.routes',
      'host.links',
    ],
    references: ['man 8 ip-route'],
  },
  page: {
    meaning: 'The container has an interface and an address, but no route that covers the destination.',
    path: 'socket -> route look-up: "Network is unreachable". No packet is ever built, so no capture shows anything.',
    decided:
      "The walk of the container's rules and tables ends without a route while its interface is up and has an address.",
    byHand: [
      'ip -n NETNS route',
      'ip -n NETNS route get 203.0.113.5',
      'docker network inspect NET --format "{{.Internal}}"',
    ],
    origins: [
      'the network was made with --internal, on purpose',
      'a CNI ADD that was interrupted',
      'the route was deleted, or went away when the interface was set down and up',
    ],
    fixes: [
      'ip route add default via GATEWAY in the container: at once, lost at its restart',
      'docker network connect another, non-internal network: the lasting way where --internal was meant',
    ],
    prevention: 'Say in the compose file which network has the way out.',
    lab: 'ctr-no-default-route',
  },
  run(artifacts, context) {
    const hop = hopOf(context.path, 'container');
    const device = artifacts['target.links'].find((link) => link.ifname === hop?.ifname);
    if (!device?.flags.includes('UP')) return notApplicable('no interface of the container is up');
    if (globalAddresses(artifacts['target.addresses'], context.flow.family).length === 0)
      return notApplicable('the container has no address');
    const route = stepsOf(context.walk, 'route').find((step) => step.netns === 'target');
    if (!route) return notApplicable("the container's routes could not be walked");
    const { outcome, dev } = route.detail.answer;
    if (outcome !== 'no-route')
      return dev === null
        ? notApplicable(`the container's route is of the type ${outcome}`)
        : pass(`the container's route leads to ${dev}`);
    const netns = context.netns('target');
    const link = originLink(context.path);
    const gateway = isOnOuterNetwork(device)
      ? outerGateway(artifacts['host.routes'], artifacts['target.addresses'], context.flow.family)
      : (gatewayGuess(artifacts['target.addresses'], artifacts['host.addresses'], device.ifname, context.flow.family) ??
        bridgeInNeighbours(
          artifacts['target.neighbours'].filter(
            ({ dev, family }) => dev === device.ifname && family === context.flow.family,
          ),
          artifacts['host.links'],
          artifacts['target.addresses'],
        ));
    return fail({
      cause: 'ctr-no-default-route',
      title: `the container has no route to ${context.flow.destination}`,
      place: { link: link.id, stage: 'route', way: 'forward', netns: 'target', device: device.ifname },
      loses: [{ link: link.id, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: "none of the container's routes covers the destination",
          command: inside(netns, ['ip', 'route']),
        },
        ...socketErrorProof(context),
        ...askedProof(context, 'route-origin'),
        ...countedProof(context, 'target', 'Ip.OutNoRoutes'),
      ],
      remedies: [
        gateway
          ? {
              kind: 'runtime',
              title: `add the default route via ${gateway}`,
              netns: 'target',
              commands: [inside(netns, ['ip', 'route', 'add', 'default', 'via', gateway])],
              undo: [inside(netns, ['ip', 'route', 'del', 'default', 'via', gateway])],
              risk: 'low',
              riskText: 'if the network is internal on purpose, this opens a way out of it',
            }
          : {
              kind: 'instruction',
              title: 'connect the container to a network that has a gateway',
              netns: 'host',
              commands: [],
              undo: [],
              risk: 'low',
              riskText: 'the container gets a second interface',
            },
      ],
      notes: ['applications see "Network is unreachable" at once, not a time-out'],
    });
  },
});

/** A macvlan or ipvlan: its gateway is that of the network outside, and the host itself is not reached by it. */
const isOnOuterNetwork = ({ kind }: LinkState): boolean => kind === 'macvlan' || kind === 'ipvlan';

/** The host's own gateway, where the container's network has it. */
const outerGateway = (routes: readonly RouteState[], own: readonly AddressState[], family: Family): string | null => {
  const gateways = routes
    .filter((route) => route.family === family && (route.destination === '0.0.0.0/0' || route.destination === '::/0'))
    .flatMap(({ nexthops }) => nexthops.flatMap(({ gateway }) => gateway ?? []));
  return gateways.find((gateway) => inSubnetOf(gateway, globalAddresses(own, family)) !== null) ?? null;
};

/** The address of the container's network that a bridge of this host had, by its MAC: the container has talked to it. */
const bridgeInNeighbours = (
  neighbours: readonly NeighbourState[],
  links: readonly LinkState[],
  own: readonly AddressState[],
): string | null => {
  const bridges = new Set(
    links.flatMap(({ kind, address }) => (kind === 'bridge' && address !== null ? [address] : [])),
  );
  const known = neighbours.filter(
    ({ address, lladdr }) => lladdr !== null && bridges.has(lladdr) && inSubnetOf(address, own) !== null,
  );
  return known.length === 1 ? (known[0]?.address ?? null) : null;
};
