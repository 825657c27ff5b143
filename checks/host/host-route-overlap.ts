import type { Finding } from '../../src/model/finding.js';
import { deliveryLink } from '../../src/model/path-queries.js';
import type { AddressState, LinkState } from '../../src/model/state.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
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
      return fail(localDestination(context, step, null));
    const refusing = refusedAt(context, artifacts['host.addresses'], artifacts['host.links']);
    if (answer.outcome === 'local' && refusing) return fail(localDestination(context, step, refusing));
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

const HOST_PREFIX = { 4: 32, 6: 128 } as const;

/**
 * The address of this host at which every connection was refused, where it is one that is put on a host beside its own:
 * a single address on lo, on a dummy device, or after the first of a device. `null` for any other.
 */
const refusedAt = (
  { flow, probe }: CheckContext,
  addresses: readonly AddressState[],
  links: readonly LinkState[],
): AddressState | null => {
  const refused = probe?.answers.length && probe.answers.every(({ outcome }) => outcome === 'refused');
  const own = addresses.find(({ local }) => local === flow.destination);
  if (!refused || !own || own.prefixLength !== HOST_PREFIX[own.family]) return null;
  const first = addresses.find(({ ifname, family }) => ifname === own.ifname && family === own.family);
  const device = links.find(({ ifname }) => ifname === own.ifname);
  return own.ifname === 'lo' || device?.kind === 'dummy' || first !== own ? own : null;
};

/** @param refusing the address, where this host itself refuses the connections to it */
const localDestination = (context: CheckContext, step: StepOf<'route'>, refusing: AddressState | null): Finding => {
  const { query, answer } = step.detail;
  const place = refusing ? (deliveryLink(context.path)?.id ?? step.link) : step.link;
  return {
    cause: 'host-dest-is-local-vip',
    title: refusing
      ? `this host has ${query.destination} itself, on ${refusing.ifname}, and refuses`
      : `${query.destination} is an address of this host`,
    place: {
      link: place,
      stage: 'route',
      way: 'forward',
      netns: 'host',
      object: answer.route?.text ?? 'table local',
    },
    loses: [{ link: place, way: 'forward' }],
    proof: [
      {
        kind: 'read',
        text: `table local: ${answer.route?.text ?? ''}`,
        command: ['ip', 'route', 'get', query.destination],
      },
      ...(refusing
        ? [
            {
              kind: 'read' as const,
              text: `${refusing.local}/${refusing.prefixLength} is on ${refusing.ifname}`,
              command: ['ip', 'addr', 'show', 'dev', refusing.ifname],
            },
          ]
        : []),
      ...askedProof(context, 'route-forward', 'host'),
    ],
    remedies: [
      refusing
        ? {
            kind: 'runtime',
            title: `take ${refusing.local} off this host, where it is meant to be another machine's`,
            netns: 'host',
            commands: [addressCommand('del', refusing)],
            undo: [addressCommand('add', refusing)],
            risk: 'medium',
            riskText: 'keepalived, kube-proxy or a program of this host may rely on the address',
          }
        : {
            kind: 'instruction',
            title: `take ${query.destination} off this host, or use it as a service of this host`,
            netns: 'host',
            commands: [],
            undo: [],
            risk: 'medium',
            riskText: 'something on this host may rely on the address',
          },
    ],
    ...(refusing ? { notes: ['ping is answered: by this host, not by the machine that is meant'] } : {}),
  };
};

const addressCommand = (verb: 'add' | 'del', { local, prefixLength, ifname }: AddressState): readonly string[] => [
  ...['ip', 'addr', verb, `${local}/${prefixLength}`, 'dev', ifname],
];
