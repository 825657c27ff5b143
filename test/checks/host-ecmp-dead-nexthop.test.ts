import { hostEcmpDeadNexthop } from '../../checks/host/host-ecmp-dead-nexthop.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, control, edited, neighbour } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const finding = {
  cause: 'host-ecmp-dead-nexthop',
  place: {
    link: 'bridge – uplink',
    stage: 'neighbour',
    way: 'forward',
    netns: 'host',
    device: 'eth0',
    object: 'neighbour 198.51.100.99',
  },
  loses: ['bridge – uplink forward'],
  remedies: [['ip route replace default via 198.51.100.1 dev eth0']],
} as const;

const GATEWAYS = ['198.51.100.1', '198.51.100.99', '198.51.100.98'];

/** The default route with three next hops. */
const three = artifact('host', 'routes', (routes) =>
  routes.map((route) =>
    route.nexthops.length < 2
      ? route
      : {
          ...route,
          text: `default${GATEWAYS.map((gateway) => ` nexthop via ${gateway} dev eth0 weight 1`).join('')}`,
          nexthops: GATEWAYS.map((gateway) => ({ gateway, dev: 'eth0', weight: 1, flags: [] })),
        },
  ),
);

testCheck(hostEcmpDeadNexthop, {
  fails: [
    {
      name: 'one of two next hops that does not resolve loses a part of the flows',
      evidence: recorded('host-ecmp-dead-nexthop'),
      findings: [{ ...finding, proof: 'read read control' }],
    },
    {
      name: "the host's own probe proves nothing where none of it was lost",
      evidence: edited(recorded('host-ecmp-dead-nexthop'), control(true)),
      findings: [{ ...finding, proof: 'read read' }],
    },
    {
      name: 'of three, the two that live stay in the route',
      evidence: edited(
        recorded('host-ecmp-dead-nexthop'),
        three,
        artifact('host', 'neighbours', (all) => [
          ...all,
          { family: 4 as const, address: '198.51.100.98', dev: 'eth0', lladdr: '02:00:00:00:00:98', states: ['STALE'] },
        ]),
      ),
      findings: [
        {
          ...finding,
          proof: 'read read control',
          remedies: [
            [
              'ip route replace default nexthop via 198.51.100.1 dev eth0 weight 1 nexthop via 198.51.100.98 dev eth0 weight 1',
            ],
          ],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'next hops that all resolve',
      evidence: edited(
        recorded('host-ecmp-dead-nexthop'),
        neighbour('host', '198.51.100.99', { states: ['REACHABLE'], lladdr: '02:00:00:00:00:99' }),
      ),
      because: 'every next hop of the route answers',
    },
  ],
  notApplicable: [
    {
      name: 'a route with one next hop',
      evidence: recorded('host-gateway-unreachable'),
      reason: 'no route of the host has several next hops',
    },
    {
      name: 'a route whose next hops are all dead',
      evidence: edited(
        recorded('host-ecmp-dead-nexthop'),
        neighbour('host', '198.51.100.1', { states: ['FAILED'], lladdr: null }),
      ),
      reason: 'none of the next hops answers, at which a check of its own looks',
    },
  ],
});
