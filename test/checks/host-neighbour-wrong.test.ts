import { hostNeighbourWrong } from '../../checks/host/host-neighbour-wrong.js';
import { testCheck } from '../helpers/check-cases.js';
import { addLink, edited, neighbour } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(hostNeighbourWrong, {
  fails: [
    {
      name: 'an old MAC that the container has for another is forgotten',
      evidence: recorded('c2c-stale-arp'),
      findings: [
        {
          cause: 'c2c-stale-arp',
          place: { link: 'socket – container', stage: 'neighbour', way: 'forward', netns: 'target', device: 'eth0' },
          loses: [
            'peer – service forward',
            'container – veth-host forward',
            'veth-host – bridge-port forward',
            'bridge-port – peer forward',
          ],
          proof: 'read read control',
          remedies: [['ip -n net1 neigh del 192.168.0.3 dev eth0']],
        },
      ],
    },
    {
      name: 'an entry for the container with a MAC that it does not have',
      evidence: recorded('host-neigh-permanent-wrong'),
      findings: [
        {
          cause: 'host-neigh-permanent-wrong',
          place: { link: 'bridge – uplink', stage: 'neighbour', way: 'return', netns: 'host', device: 'br0' },
          loses: ['socket – container return', 'container – veth-host return', 'veth-host – bridge return'],
          proof: 'read read',
          remedies: [['ip neigh del 192.168.0.2 dev br0']],
        },
      ],
    },
    {
      name: 'an entry for the gateway that was set by hand, while its ARP comes from another MAC',
      evidence: recorded('uplink-gateway-wrong-mac'),
      findings: [
        {
          cause: 'uplink-gateway-wrong-mac',
          place: { link: 'bridge – uplink', stage: 'neighbour', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['uplink – outside forward'],
          proof: 'seen read',
          remedies: [['ip neigh del 198.51.100.1 dev eth0']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'entries that are right',
      evidence: recorded('textbook'),
      because: "the host's neighbour entries on this path are right",
    },
    {
      name: 'an entry set by hand is not doubted where nothing shows another MAC',
      evidence: { ...recorded('uplink-gateway-wrong-mac'), sightings: [] },
      because: "the host's neighbour entries on this path are right",
    },
    {
      name: 'the MAC of another device of the container is one of its own',
      evidence: edited(
        recorded('host-neigh-permanent-wrong'),
        addLink('target', 'eth0', { ifname: 'eth1', ifindex: 77, address: '02:00:00:00:00:98' }),
      ),
      because: "the host's neighbour entries on this path are right",
    },
    {
      name: 'an entry that the kernel has found itself is not doubted',
      evidence: edited(
        recorded('uplink-gateway-wrong-mac'),
        neighbour('host', '198.51.100.1', { states: ['REACHABLE'] }),
      ),
      because: "the host's neighbour entries on this path are right",
    },
  ],
  notApplicable: [
    {
      name: 'within a bridge the host sends to nobody',
      evidence: recorded('two-containers'),
      reason: 'the host sends to no neighbour on this path',
    },
  ],
});
