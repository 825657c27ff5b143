import { ctrRouteUnreachable } from '../../checks/container/ctr-route-unreachable.js';
import { testCheck } from '../helpers/check-cases.js';
import { addRoute, addRule, edited, unread } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(ctrRouteUnreachable, {
  fails: [
    {
      name: 'a route of the container that refuses the destination is deleted',
      evidence: recorded('ctr-route-unreachable'),
      findings: [
        {
          cause: 'ctr-route-unreachable',
          place: {
            link: 'socket – container',
            stage: 'route',
            way: 'forward',
            netns: 'target',
            object: 'unreachable 203.0.113.0/24',
          },
          loses: ['socket – container forward'],
          proof: 'read asked asked',
          remedies: [['ip -n net1 route del unreachable 203.0.113.0/24']],
        },
      ],
    },
    {
      name: 'a blackhole route of another table is deleted from that table',
      evidence: edited(
        recorded('textbook'),
        addRule('target', { priority: 50, table: '77', text: 'priority 50 from all lookup 77' }),
        addRoute('target', {
          table: '77',
          type: 'blackhole',
          destination: '203.0.113.0/24',
          text: 'blackhole 203.0.113.0/24 table 77',
        }),
      ),
      findings: [
        {
          cause: 'ctr-route-unreachable',
          place: {
            link: 'socket – container',
            stage: 'route',
            way: 'forward',
            netns: 'target',
            object: 'blackhole 203.0.113.0/24 table 77',
          },
          loses: ['socket – container forward'],
          proof: 'read asked',
          remedies: [['ip -n net1 route del blackhole 203.0.113.0/24 table 77']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'ordinary routes refuse nothing',
      evidence: recorded('textbook'),
      because: 'no route of the container refuses it',
    },
    {
      name: 'a blackhole route for another network refuses nothing',
      evidence: edited(
        recorded('textbook'),
        addRoute('target', { type: 'blackhole', destination: '198.51.100.0/24', text: 'blackhole 198.51.100.0/24' }),
      ),
      because: 'no route of the container refuses it',
    },
  ],
  notApplicable: [
    {
      name: 'routes that cannot be walked decide nothing',
      evidence: edited(recorded('textbook'), unread('target', 'rules')),
      reason: "the container's routes could not be walked",
    },
  ],
});
