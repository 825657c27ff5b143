import { uplinkNoNeighbour } from '../../checks/uplink/uplink-no-neighbour.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, neighbour } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(uplinkNoNeighbour, {
  fails: [
    {
      name: 'a gateway that does not answer ARP is silent',
      evidence: recorded('host-gateway-unreachable'),
      findings: [
        {
          cause: 'uplink-no-neighbour',
          place: {
            link: 'bridge – uplink',
            stage: 'neighbour',
            way: 'forward',
            netns: 'host',
            device: 'eth0',
            object: 'neighbour 198.51.100.99',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read seen control asked',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'a switch that swallows ARP cannot be told from it',
      evidence: recorded('uplink-arp-blocked-by-switch'),
      findings: [
        {
          cause: 'uplink-no-neighbour',
          place: {
            link: 'bridge – uplink',
            stage: 'neighbour',
            way: 'forward',
            netns: 'host',
            device: 'eth0',
            object: 'neighbour 198.51.100.1',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read seen control asked',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a gateway that answers is in order',
      evidence: recorded('textbook'),
      because: "the host's next hop 198.51.100.1 answers ARP",
    },
    {
      name: 'one that answered after all is in order',
      evidence: edited(
        recorded('host-gateway-unreachable'),
        neighbour('host', '198.51.100.99', { states: ['REACHABLE'], lladdr: '02:00:00:00:00:77' }),
      ),
      because: "the host's next hop 198.51.100.99 answers ARP",
    },
  ],
  notApplicable: [
    {
      name: 'a DNS server on the link is not looked at here',
      evidence: recorded('dns-server-unreachable'),
      reason: 'the silent neighbour is the DNS server, at which a check of its own looks',
    },
    {
      name: 'traffic within a bridge asks no gateway',
      evidence: recorded('two-containers'),
      reason: 'nothing is routed on this path',
    },
    {
      name: 'an uplink without a carrier asks nobody',
      evidence: recorded('nic-no-carrier'),
      reason: 'eth0 has no carrier',
    },
    {
      name: 'a next hop that a policy rule chose is the business of another check',
      evidence: recorded('host-rule-source-table'),
      reason: 'a policy rule chose this next hop',
    },
    {
      name: 'a route to another network is the business of another check',
      evidence: recorded('host-route-overlap-vpn'),
      reason: 'a route to another network took the packet',
    },
    {
      name: 'without a route nobody is asked',
      evidence: recorded('host-no-default-route'),
      reason: 'no next hop was asked for',
    },
  ],
});
