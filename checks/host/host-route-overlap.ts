import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { words } from '../support/commands.js';
import { deadNextHop } from '../support/next-hop.js';
import { askedProof, unansweredProof } from '../support/proofs.js';
import { isSentElsewhere } from '../support/sent-elsewhere.js';
import { isTunnelled } from '../support/tunnel.js';

const DEFAULTS = ['0.0.0.0/0', '::/0'];

export const hostRouteOverlap = defineCheck({
  meta: {
    id: 'host-route-overlap',
    code: 'V3007',
    title: 'no other network of the host covers the destination',
    covers: ['host-route-overlap', 'host-route-overlap-vpn', 'host-subnet-overlap-bridge', 'host-dest-is-local-vip'],
    requires: ['host.routes', 'host.links', 'host.addresses'],
    references: ['man 8 ip-route'],
  },
  page: {
    meaning:
      'Another network of this host (a container network, a VPN, a static route, an own address) covers the destination and shadows the way outside.',
    path: 'bridge -> route look-up: the longer prefix wins, and leads to a device where nobody has that address (or to the host itself).',
    decided:
      'The route that the packet takes is more specific than the default route and leads to another device, where ARP for the destination stays unanswered.',
    byHand: ['ip route get 203.0.113.5', 'ip route show match 203.0.113.5', 'docker network ls'],
    origins: [
      'a Docker network in the range of the company network',
      'a VPN that pushed a wide route',
      'a virtual IP (keepalived, kube-ipvs0) that is configured here',
    ],
    fixes: [
      'docker network rm, and default-address-pools in daemon.json for new ones',
      'ip route del NETWORK: at once',
      'a more specific route to the destination via the real gateway',
    ],
    prevention: "Keep container networks out of the company's address plan.",
    lab: 'host-subnet-overlap-bridge',
  },
  run(artifacts, context) {
    const steps = stepsOf(context.walk, 'route').filter((step) => step.netns === 'host' && step.way === 'forward');
    const step = steps.at(-1);
    if (!step) return notApplicable('nothing is routed on this path');
    const { answer } = step.detail;
    if (answer.outcome === 'local' && context.flow.kind !== 'to-host')
      return fail({
        cause: 'host-dest-is-local-vip',
        title: `${step.detail.query.destination} is an address of this host`,
        place: {
          link: step.link,
          stage: 'route',
          way: 'forward',
          netns: 'host',
          object: answer.route?.text ?? 'table local',
        },
        loses: [{ link: step.link, way: 'forward' }],
        proof: [
          {
            kind: 'read',
            text: `table local: ${answer.route?.text ?? ''}`,
            command: ['ip', 'route', 'get', step.detail.query.destination],
          },
          ...askedProof(context, 'route-forward', 'host'),
        ],
        remedies: [
          {
            kind: 'instruction',
            title: `take ${step.detail.query.destination} off this host, or use it as a service of this host`,
            netns: 'host',
            commands: [],
            undo: [],
            risk: 'medium',
            riskText: 'something on this host may rely on the address',
          },
        ],
      });
    if (isSentElsewhere(context)) return notApplicable('a rule sends the packets to another destination');
    if (isTunnelled(context)) return notApplicable('checks of their own look at what a tunnel knows');
    const dead = deadNextHop(context, artifacts['host.links']);
    const route = answer.route;
    if (answer.dev === null) return notApplicable('the host has no route by which the packet could go astray');
    if (!dead || !route || DEFAULTS.includes(route.destination))
      return pass(`no other network covers ${context.flow.destination}`);
    if (answer.rule && answer.rule.table !== 'main' && answer.rule.table !== 'local')
      return notApplicable('a policy rule chose the table');
    const outside = artifacts['host.routes'].find(
      (candidate) =>
        candidate.table === 'main' &&
        DEFAULTS.includes(candidate.destination) &&
        candidate.family === context.flow.family,
    );
    const outsideDevice = outside?.nexthops[0]?.dev ?? null;
    if (outsideDevice === null || outsideDevice === dead.device)
      return pass('the route leads to the same device as the default route');
    const bridge = dead.link?.kind === 'bridge';
    const own = route.protocol === 'kernel';
    return fail({
      cause: bridge ? 'host-subnet-overlap-bridge' : 'host-route-overlap-vpn',
      title: `${bridge ? 'the network of bridge' : 'a route to'} ${dead.device} covers ${context.flow.destination}: ${route.destination}`,
      place: {
        link: step.link,
        stage: 'route',
        way: 'forward',
        netns: 'host',
        device: dead.device,
        object: route.text,
      },
      loses: [{ link: step.link, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `${route.text} wins over the default route via ${outside?.nexthops[0]?.gateway ?? outsideDevice} dev ${outsideDevice}`,
          command: ['ip', 'route', 'show', 'match', context.flow.destination],
        },
        ...askedProof(context, 'route-forward', 'host'),
        ...(dead.neighbour
          ? [
              {
                kind: 'read' as const,
                text: `neighbour ${dead.address} on ${dead.device}: ${dead.neighbour.states.join(' ')}`,
                command: ['ip', 'neigh', 'show', dead.address],
              },
            ]
          : []),
        ...unansweredProof(context, dead.address),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: own
            ? `delete the route of that network (docker network rm, where it is unused, is the lasting way)`
            : 'delete that route',
          netns: 'host',
          commands: [['ip', 'route', 'del', ...words(route.text)]],
          undo: [['ip', 'route', 'add', ...words(route.text)]],
          risk: own ? 'high' : 'medium',
          riskText: own
            ? `containers on ${dead.device} lose their way back until it is added again`
            : 'whatever that route is for stops working',
        },
      ],
    });
  },
});
