import { ctrNoDefaultRoute } from '../../checks/container/ctr-no-default-route.js';
import { testCheck } from '../helpers/check-cases.js';
import { addresses, edited, forgetNeighbours, link, unread } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(ctrNoDefaultRoute, {
  fails: [
    {
      name: 'a container without a route to the destination gets a default route via the host',
      evidence: recorded('ctr-no-default-route'),
      findings: [
        {
          cause: 'ctr-no-default-route',
          place: { link: 'socket – container', stage: 'route', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['socket – container forward'],
          proof: 'read asked asked',
          remedies: [['ip -n net1 route add default via 192.168.0.1']],
        },
      ],
    },
    {
      name: 'where the bridge has lost its address, the container still knows it by the MAC of the bridge',
      evidence: edited(
        recorded('ctr-no-default-route'),
        addresses('host', (one) => (one.ifname === 'br0' ? [] : [one])),
      ),
      findings: [
        {
          cause: 'ctr-no-default-route',
          place: { link: 'socket – container', stage: 'route', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['socket – container forward'],
          proof: 'read asked asked',
          remedies: [['ip -n net1 route add default via 192.168.0.1']],
        },
      ],
    },
    {
      name: 'where neither the host nor the container knows a gateway, a person has to choose the network',
      evidence: edited(
        recorded('ctr-no-default-route'),
        addresses('host', (one) => (one.ifname === 'br0' ? [] : [one])),
        forgetNeighbours('target'),
      ),
      findings: [
        {
          cause: 'ctr-no-default-route',
          place: { link: 'socket – container', stage: 'route', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['socket – container forward'],
          proof: 'read asked asked',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'a macvlan gets the gateway of the network outside: the host itself is not reached by it',
      evidence: edited(
        recorded('ctr-no-default-route'),
        link('target', 'eth0', () => ({ kind: 'macvlan' })),
        addresses('target', (one) => [
          one.family === 4 && one.ifname === 'eth0' ? { ...one, local: '198.51.100.50' } : one,
        ]),
      ),
      findings: [
        {
          cause: 'ctr-no-default-route',
          place: { link: 'socket – container', stage: 'route', way: 'forward', netns: 'target', device: 'eth0' },
          loses: ['socket – container forward'],
          proof: 'read asked asked',
          remedies: [['ip -n net1 route add default via 198.51.100.1']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a container with a default route is in order',
      evidence: recorded('textbook'),
      because: "the container's route leads to eth0",
    },
  ],
  notApplicable: [
    {
      name: 'an interface that is down took its routes along',
      evidence: recorded('ctr-eth0-down'),
      reason: 'no interface of the container is up',
    },
    {
      name: 'without an address there can be no route',
      evidence: recorded('ctr-no-ip'),
      reason: 'the container has no address',
    },
    {
      name: 'routes that cannot be walked decide nothing',
      evidence: edited(recorded('ctr-no-default-route'), unread('target', 'rules')),
      reason: "the container's routes could not be walked",
    },
    {
      name: 'a route that refuses is the business of another check',
      evidence: recorded('ctr-route-unreachable'),
      reason: "the container's route is of the type unreachable",
    },
  ],
});
