import { hostReturnRouteWrong } from '../../checks/host/host-return-route-wrong.js';
import { testCheck } from '../helpers/check-cases.js';
import { addLink, addRoute, addRule, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(hostReturnRouteWrong, {
  fails: [
    {
      name: 'a route of another owner leads the replies away',
      evidence: recorded('host-rp-filter-container-side'),
      findings: [
        {
          cause: 'host-route-to-container-wrong-dev',
          place: {
            link: 'bridge – uplink',
            stage: 'route',
            way: 'return',
            netns: 'host',
            device: 'eth1',
            object: '192.168.0.2 via 198.51.101.1 dev eth1',
          },
          loses: ['bridge – uplink return', 'uplink – return-egress return'],
          proof: 'read asked',
          remedies: [['ip route del 192.168.0.2 via 198.51.101.1 dev eth1']],
        },
      ],
    },
    {
      name: 'a bridge left over with the same subnet takes the replies',
      evidence: edited(
        recorded('textbook'),
        addLink('host', 'br0', { ifname: 'br-old', ifindex: 99 }),
        addRoute('host', {
          destination: '192.168.0.0/25',
          nexthops: [{ dev: 'br-old', gateway: null, weight: 1, flags: [] }],
          text: '192.168.0.0/25 dev br-old',
        }),
      ),
      findings: [
        {
          cause: 'host-stale-bridge-same-subnet',
          place: {
            link: 'bridge – uplink',
            stage: 'route',
            way: 'return',
            netns: 'host',
            device: 'br-old',
            object: '192.168.0.0/25 dev br-old',
          },
          loses: ['bridge – uplink return'],
          proof: 'read asked',
          remedies: [['ip route del 192.168.0.0/25 dev br-old']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a route to the bridge of the container is right',
      evidence: recorded('textbook'),
      because: 'the route back is right',
    },
    {
      name: 'a table that a policy rule chose is the business of another check',
      evidence: edited(
        recorded('textbook'),
        addRule('host', {
          priority: 90,
          destination: '192.168.0.0/24',
          table: '90',
          text: 'priority 90 from all to 192.168.0.0/24 lookup 90',
        }),
        addRoute('host', {
          table: '90',
          destination: '0.0.0.0/0',
          nexthops: [{ dev: 'eth0', gateway: '198.51.100.1', weight: 1, flags: [] }],
          text: 'default via 198.51.100.1 dev eth0 table 90',
        }),
      ),
      because: 'a policy rule chose the table',
    },
  ],
  notApplicable: [
    { name: 'a bridge that is down lost its route', evidence: recorded('br-down'), reason: 'br0 is down' },
    { name: 'a bridge without an address has no route', evidence: recorded('br-no-ip'), reason: 'br0 has no address' },
    {
      name: 'a veth that is on another bridge is what is wrong',
      evidence: recorded('veth-wrong-bridge'),
      reason: 'the veth is on no bridge, or on another one',
    },
    {
      name: 'traffic within a bridge is not routed',
      evidence: recorded('two-containers'),
      reason: 'no reply is routed on this path',
    },
  ],
});
