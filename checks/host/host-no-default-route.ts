import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { askedProof, countedProof } from '../support/proofs.js';
import { seenErrorProof } from '../support/seen-errors.js';
import { whyNoRoute } from '../support/uplinks.js';

export const hostNoDefaultRoute = defineCheck({
  meta: {
    id: 'host-no-default-route',
    code: 'V3004',
    title: 'the host has a route to the destination',
    covers: ['host-no-default-route'],
    requires: ['host.routes', 'host.links', 'host.addresses'],
    references: ['man 8 ip-route'],
  },
  page: {
    meaning: 'The host has an uplink with an address, but no route that covers the destination.',
    path: 'bridge -> PREROUTING -> route look-up: none. The kernel answers "net unreachable" (rate limited).',
    decided:
      "The walk of the host's rules and tables for this very packet ends without a route, while an uplink is up and has an address.",
    byHand: ['ip route', 'ip route get 203.0.113.5 from 192.168.0.2 iif br0', 'nstat -az IpExtInNoRoutes'],
    origins: [
      'a DHCP client that lost its lease or was restarted',
      'a VPN that replaced the default route and went away',
      'ip route del default',
    ],
    fixes: [
      'ip route add default via GATEWAY: at once',
      'restart the network service that owns the uplink: brings its own route back',
    ],
    prevention: 'Monitor the default route of hosts.',
    lab: 'host-no-default-route',
  },
  run(artifacts, context) {
    const route = stepsOf(context.walk, 'route').find((step) => step.netns === 'host' && step.way === 'forward');
    if (!route) return notApplicable('nothing is routed on this path');
    if (route.detail.answer.outcome !== 'no-route')
      return pass(`the host's route leads to ${route.detail.answer.dev ?? route.detail.answer.outcome}`);
    if (whyNoRoute(context, artifacts['host.links'], artifacts['host.addresses']).kind !== 'no-route')
      return notApplicable('no uplink is up with an address');
    const former = artifacts['host.routes'].find(
      (candidate) => candidate.table !== 'local' && candidate.destination === '0.0.0.0/0',
    );
    return fail({
      cause: 'host-no-default-route',
      title: `the host has no route to ${context.flow.destination}`,
      place: { link: route.link, stage: 'route', way: 'forward', netns: 'host' },
      loses: [{ link: route.link, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: former
            ? `no route in the tables that this packet meets (table ${former.table} has: ${former.text})`
            : 'there is no default route in any table',
          command: ['ip', 'route', 'show', 'table', 'all'],
        },
        ...askedProof(context, 'route-forward', 'host'),
        ...countedProof(context, 'host', 'IpExt.InNoRoutes'),
        ...seenErrorProof(context, 3),
      ],
      remedies: [
        {
          kind: 'instruction',
          title:
            'add the default route again: ip route add default via GATEWAY, or restart the network service that owns the uplink',
          netns: 'host',
          commands: [],
          undo: [],
          risk: 'medium',
          riskText: "the host's own traffic will use the route as well",
        },
      ],
      notes: ['the container gets ICMP "net unreachable", but rate limited: some probes see it, some only a time-out'],
    });
  },
});
