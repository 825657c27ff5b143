import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside, words } from '../support/commands.js';
import { isSelective } from '../support/policy-rules.js';
import { askedProof } from '../support/proofs.js';
import { seenErrorProof } from '../support/seen-errors.js';

const CAUSE = {
  blackhole: 'host-route-blackhole',
  unreachable: 'host-route-unreachable',
  prohibit: 'host-route-type',
} as const;

export const hostRouteType = defineCheck({
  meta: {
    id: 'host-route-type',
    code: 'V3005',
    title: 'no route of the host refuses the packets',
    covers: ['host-route-type', 'host-route-blackhole', 'host-route-unreachable'],
    requires: ['host.routes'],
    references: ['man 8 ip-route'],
  },
  page: {
    meaning:
      'A route of the type blackhole, unreachable or prohibit covers the destination (or the container) on the host.',
    path: 'bridge -> PREROUTING -> route look-up: blackhole drops silently, unreachable answers "host unreachable", prohibit "packet filtered".',
    decided:
      'The longest matching route of the tables that this packet meets has such a type, and the kernel says the same when asked.',
    byHand: [
      'ip route show table all type blackhole',
      'ip route show table all type unreachable',
      'ip route get 203.0.113.5 from 192.168.0.2 iif br0',
    ],
    origins: [
      'a routing daemon or CNI that blackholes an aggregate',
      'null routes for private networks',
      'the kill switch of a VPN (wg-quick)',
      'a block list',
    ],
    fixes: [
      'ip route del TYPE NETWORK: at once; its owner may add it again',
      'a more specific unicast route beside it',
    ],
    prevention: 'Let the owner of the aggregate announce more specific routes first.',
    lab: 'host-route-blackhole',
  },
  run(_artifacts, context) {
    const steps = stepsOf(context.walk, 'route').filter((step) => step.netns !== 'target');
    if (steps.length === 0) return notApplicable('nothing is routed on this path');
    const findings = steps.flatMap((step) => {
      const { answer } = step.detail;
      const { outcome, route } = answer;
      if (answer.decidedBy !== 'route' || !route || isSelective(answer.rule)) return [];
      if (outcome !== 'blackhole' && outcome !== 'unreachable' && outcome !== 'prohibit') return [];
      const netns = context.netns(step.netns);
      const table = route.table === 'main' ? [] : ['table', route.table];
      const text = words(route.text);
      const full = text.includes('table') ? text : [...text, ...table];
      return [
        {
          cause: CAUSE[outcome],
          title: `the host has the route "${route.text}"`,
          place: { link: step.link, stage: 'route' as const, way: step.way, netns: step.netns, object: route.text },
          loses: [{ link: step.link, way: step.way }] as const,
          proof: [
            {
              kind: 'read' as const,
              text: `table ${route.table}: ${route.text}`,
              command: inside(netns, ['ip', 'route', 'show', 'table', route.table]),
            },
            ...askedProof(context, step.way === 'forward' ? 'route-forward' : 'route-return', step.netns),
            ...seenErrorProof(context, 3),
          ] as const,
          remedies: [
            {
              kind: 'runtime' as const,
              title: 'delete that route',
              netns: step.netns,
              commands: [inside(netns, ['ip', 'route', 'del', ...full])],
              undo: [inside(netns, ['ip', 'route', 'add', ...full])],
              risk: 'medium' as const,
              riskText: 'somebody made it on purpose; its owner may add it again',
            },
          ],
          notes:
            outcome === 'blackhole'
              ? ['the container gets no ICMP error here, so applications only see time-outs']
              : [],
        },
      ];
    });
    const [first, ...more] = findings;
    return first ? fail(first, ...more) : pass('no route refuses the packets');
  },
});
