import { hostRouteOverlap } from '../../checks/host/host-route-overlap.js';
import { testCheck } from '../helpers/check-cases.js';
import { addRoute, artifact, edited, neighbour } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(hostRouteOverlap, {
  fails: [
    {
      name: 'a route of a VPN that covers the destination is deleted',
      evidence: recorded('host-route-overlap-vpn'),
      findings: [
        {
          cause: 'host-route-overlap-vpn',
          place: {
            link: 'bridge – uplink',
            stage: 'route',
            way: 'forward',
            netns: 'host',
            device: 'eth1',
            object: '203.0.113.0/24 dev eth1 scope link',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read asked read seen',
          remedies: [['ip route del 203.0.113.0/24 dev eth1 scope link']],
        },
      ],
    },
    {
      name: 'a container network that covers the destination shadows it',
      evidence: recorded('host-subnet-overlap-bridge'),
      findings: [
        {
          cause: 'host-subnet-overlap-bridge',
          place: {
            link: 'bridge – uplink',
            stage: 'route',
            way: 'forward',
            netns: 'host',
            device: 'br1',
            object: '203.0.113.0/24 dev br1 proto kernel scope link src 203.0.113.1',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read asked read seen',
          remedies: [['ip route del 203.0.113.0/24 dev br1 proto kernel scope link src 203.0.113.1']],
        },
      ],
    },
    {
      name: 'a virtual address of this host at which it refuses every connection is taken off it',
      evidence: recorded('host-dest-is-local-vip'),
      findings: [
        {
          cause: 'host-dest-is-local-vip',
          place: {
            link: 'bridge – service',
            stage: 'route',
            way: 'forward',
            netns: 'host',
            object: 'local 203.0.113.5 dev lo table local proto kernel scope host src 203.0.113.5',
          },
          loses: ['bridge – service forward'],
          proof: 'read read',
          remedies: [['ip addr del 203.0.113.5/32 dev lo']],
        },
      ],
    },
    {
      name: 'a destination that is an address of this host never leaves it',
      evidence: edited(
        recorded('textbook'),
        addRoute('host', {
          table: 'local',
          type: 'local',
          destination: '203.0.113.5/32',
          nexthops: [{ dev: 'lo', gateway: null, weight: 1, flags: [] }],
          text: 'local 203.0.113.5 dev lo table local',
        }),
      ),
      findings: [
        {
          cause: 'host-dest-is-local-vip',
          place: {
            link: 'bridge – uplink',
            stage: 'route',
            way: 'forward',
            netns: 'host',
            object: 'local 203.0.113.5 dev lo table local',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read asked',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a destination that only the default route covers is in order',
      evidence: recorded('textbook'),
      because: 'no other network covers 203.0.113.5',
    },
    {
      name: 'a route that leads to somebody who answers is meant',
      evidence: edited(
        recorded('host-route-overlap-vpn'),
        neighbour('host', '203.0.113.5', { states: ['REACHABLE'], lladdr: '02:00:00:00:00:77' }),
      ),
      because: 'no other network covers 203.0.113.5',
    },
  ],
  notApplicable: [
    {
      name: 'without any route no other one wins',
      evidence: recorded('host-no-default-route'),
      reason: 'the host has no route by which the packet could go astray',
    },
    {
      name: 'a rule that chose the table is the business of another check',
      evidence: edited(
        recorded('host-rule-source-table'),
        artifact('host', 'routes', (routes) =>
          routes.map((one) => (one.table === '100' ? { ...one, destination: '203.0.113.0/24' } : one)),
        ),
      ),
      reason: 'a policy rule chose the table',
    },
    {
      name: 'traffic within a bridge is not routed',
      evidence: recorded('two-containers'),
      reason: 'nothing is routed on this path',
    },
  ],
});
