import { hostRouteType } from '../../checks/host/host-route-type.js';
import { testCheck } from '../helpers/check-cases.js';
import { addRoute, addRule, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(hostRouteType, {
  fails: [
    {
      name: 'a blackhole route is deleted',
      evidence: recorded('host-route-blackhole'),
      findings: [
        {
          cause: 'host-route-blackhole',
          place: {
            link: 'bridge – uplink',
            stage: 'route',
            way: 'forward',
            netns: 'host',
            object: 'blackhole 203.0.113.0/24',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read asked',
          remedies: [['ip route del blackhole 203.0.113.0/24']],
        },
      ],
    },
    {
      name: 'an unreachable route is deleted',
      evidence: recorded('host-route-unreachable'),
      findings: [
        {
          cause: 'host-route-unreachable',
          place: {
            link: 'bridge – uplink',
            stage: 'route',
            way: 'forward',
            netns: 'host',
            object: 'unreachable 203.0.113.0/24',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read asked seen',
          remedies: [['ip route del unreachable 203.0.113.0/24']],
        },
      ],
    },
    {
      name: 'a prohibit route of another table is deleted from that table',
      evidence: edited(
        recorded('textbook'),
        addRule('host', { priority: 50, table: '77', text: 'priority 50 from all lookup 77' }),
        addRoute('host', {
          table: '77',
          type: 'prohibit',
          destination: '203.0.113.0/24',
          text: 'prohibit 203.0.113.0/24 table 77',
        }),
      ),
      findings: [
        {
          cause: 'host-route-type',
          place: {
            link: 'bridge – uplink',
            stage: 'route',
            way: 'forward',
            netns: 'host',
            object: 'prohibit 203.0.113.0/24 table 77',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read asked',
          remedies: [['ip route del prohibit 203.0.113.0/24 table 77']],
        },
      ],
    },
    {
      name: 'a blackhole route for the container loses the replies',
      evidence: edited(
        recorded('textbook'),
        addRoute('host', { type: 'blackhole', destination: '192.168.0.2/32', text: 'blackhole 192.168.0.2' }),
      ),
      findings: [
        {
          cause: 'host-route-blackhole',
          place: {
            link: 'bridge – uplink',
            stage: 'route',
            way: 'return',
            netns: 'host',
            object: 'blackhole 192.168.0.2',
          },
          loses: ['bridge – uplink return'],
          proof: 'read asked',
          remedies: [['ip route del blackhole 192.168.0.2']],
        },
      ],
    },
  ],
  passes: [
    { name: 'ordinary routes refuse nothing', evidence: recorded('textbook'), because: 'no route refuses the packets' },
    {
      name: 'a blackhole route for another network refuses nothing',
      evidence: edited(
        recorded('textbook'),
        addRoute('host', { type: 'blackhole', destination: '10.0.0.0/8', text: 'blackhole 10.0.0.0/8' }),
      ),
      because: 'no route refuses the packets',
    },
  ],
  notApplicable: [
    {
      name: 'traffic within a bridge is not routed',
      evidence: recorded('two-containers'),
      reason: 'nothing is routed on this path',
    },
  ],
});
