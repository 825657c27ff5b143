import { ovlRouteMissing } from '../../checks/overlay/ovl-route-missing.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const astray = {
  place: {
    link: 'bridge – uplink',
    stage: 'route',
    way: 'forward',
    netns: 'host',
    object: 'default via 198.51.100.1 dev eth0',
  },
  loses: ['uplink – outside forward', 'uplink – outside return'],
} as const;

testCheck(ovlRouteMissing, {
  fails: [
    {
      name: 'the route by the tunnel that has an end there is added',
      evidence: recorded('ovl-route-missing'),
      findings: [
        {
          cause: 'ovl-route-missing',
          ...astray,
          proof: 'read read asked',
          remedies: [['ip route add 192.168.11.0/24 via 192.168.11.0 dev flannel.1 onlink']],
        },
      ],
    },
    {
      name: 'a tunnel that is down is named',
      evidence: recorded('ovl-dev-down'),
      findings: [{ cause: 'ovl-dev-down', ...astray, proof: 'read read asked read', remedies: ['instruction'] }],
    },
    {
      name: 'a next hop in none of the networks of its device is named',
      evidence: recorded('ovl-hostgw-wrong-nexthop'),
      findings: [
        {
          cause: 'ovl-hostgw-wrong-nexthop',
          place: {
            link: 'bridge – uplink',
            stage: 'neighbour',
            way: 'forward',
            netns: 'host',
            device: 'eth0',
            object: 'neighbour 198.51.101.20',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read seen read asked',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a route into the tunnel is right',
      evidence: recorded('flannel-vxlan'),
      because: 'the route leads into the tunnel',
    },
    {
      name: 'a tunnel without an end there proves nothing',
      evidence: edited(
        recorded('ovl-route-missing'),
        artifact('host', 'neighbours', (entries) => entries.filter(({ dev }) => dev !== 'flannel.1')),
      ),
      because: 'no tunnel of this host leads there',
    },
  ],
  notApplicable: [
    {
      name: 'without a tunnel its routes are not missed',
      evidence: recorded('flannel-host-gw'),
      reason: 'this host has no VXLAN device',
    },
    {
      name: 'public destinations are not behind a tunnel of containers',
      evidence: recorded('textbook'),
      reason: 'the flow leads to no private network outside this host',
    },
  ],
});
