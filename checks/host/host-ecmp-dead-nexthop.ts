import type { Finding, Proof } from '../../src/model/finding.js';
import type { Nexthop, RouteState } from '../../src/model/state.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { words } from '../support/commands.js';
import { isSilent } from '../support/next-hop.js';
import { unansweredProof } from '../support/proofs.js';

export const hostEcmpDeadNexthop = defineCheck({
  meta: {
    id: 'host-ecmp-dead-nexthop',
    code: 'V3524',
    title: 'every next hop of a multipath route answers',
    covers: ['host-ecmp-dead-nexthop'],
    requires: ['host.routes'],
    references: ['man 8 ip-route (nexthop)', 'https://docs.kernel.org/networking/ip-sysctl.html (fib_multipath_*)'],
  },
  page: {
    meaning: 'The route has several next hops, one of them is dead, and the flows that hash to it are lost.',
    path: 'FORWARD -> route with nexthops: the hash of addresses (and ports) picks one -> neighbour: no answer.',
    decided:
      'The route that the packet takes has several next hops; of one the neighbour entry is FAILED or INCOMPLETE after the probe, another resolves, and the captures lose packets before the uplink.',
    byHand: ['ip route get 203.0.113.5', 'ip route show default', 'ip neigh show dev eth0'],
    origins: ['one of two routers is down', 'a next hop that was removed outside, not here'],
    fixes: [
      'ip route replace default via LIVING-GATEWAY: without the dead one',
      'sysctl net.ipv4.fib_multipath_use_neigh=1: the kernel passes over next hops that do not resolve',
    ],
    prevention: 'A routing daemon that withdraws dead next hops (BFD), and fib_multipath_use_neigh=1.',
    lab: 'host-ecmp-dead-nexthop',
  },
  run(_artifacts, context) {
    const step = stepsOf(context.walk, 'route').findLast(
      ({ netns, way, detail }) => netns === 'host' && way === 'forward' && detail.answer.candidates.length > 1,
    );
    const route = step?.detail.answer.route;
    if (!step || !route) return notApplicable('no route of the host has several next hops');
    const dead = step.detail.answer.candidates.filter((hop) => isSilent(context, hop));
    if (dead.length === 0) return pass('every next hop of the route answers');
    if (dead.length === step.detail.answer.candidates.length)
      return notApplicable('none of the next hops answers, at which a check of its own looks');
    return fail(finding(context, step, route, dead));
  },
});

const name = ({ gateway, dev }: Nexthop): string => gateway ?? dev ?? '';

const finding = (
  context: CheckContext,
  step: StepOf<'route'>,
  route: RouteState,
  dead: readonly Nexthop[],
): Finding => {
  const { candidates } = step.detail.answer;
  const [first] = dead;
  const device = first?.dev ?? '';
  const address = first ? name(first) : '';
  return {
    cause: 'host-ecmp-dead-nexthop',
    title: `${dead.length} of ${candidates.length} next hops ${dead.length === 1 ? 'does' : 'do'} not answer ARP: ${dead.map(name).join(', ')}`,
    place: {
      link: step.link,
      stage: 'neighbour',
      way: 'forward',
      netns: 'host',
      device,
      object: `neighbour ${address}`,
    },
    loses: [{ link: step.link, way: 'forward' }],
    proof: [
      { kind: 'read', text: `ip route: ${route.text}`, command: ['ip', 'route', 'show', ...shown(route)] },
      ...dead.map(
        (hop): Proof => ({
          kind: 'read',
          text: `neighbour ${name(hop)} on ${hop.dev}: ${context.neighbour('host', hop.dev ?? '', name(hop))?.states.join(' ') ?? 'no entry'}`,
          command: ['ip', 'neigh', 'show', name(hop)],
        }),
      ),
      ...unansweredProof(context, address),
      ...lossyControl(context),
    ],
    remedies: [
      {
        kind: 'runtime',
        title: 'leave the dead next hop out',
        netns: 'host',
        commands: [replace(route, withoutHops(route, dead))],
        undo: [replace(route, words(route.text))],
        risk: 'medium',
        riskText: 'all traffic of this route goes by the others; whoever made the route may make it again',
      },
    ],
    notes: ['the hash keeps a flow on its next hop: some destinations or connections fail always, others never'],
  };
};

/** The host's own probe, of which the same next hop loses a part. */
const lossyControl = ({ control }: CheckContext): readonly Proof[] =>
  control && control.failure === null && control.answered < control.sent
    ? [
        {
          kind: 'control',
          text: `the same probe from the host itself: ${control.answered} of ${control.sent} answered`,
          command: control.command,
        },
      ]
    : [];

const shown = ({ destination, family }: RouteState): readonly string[] =>
  destination === (family === 6 ? '::/0' : '0.0.0.0/0') ? ['default'] : [destination];

const replace = ({ family }: RouteState, route: readonly string[]): readonly string[] => [
  'ip',
  ...(family === 6 ? ['-6'] : []),
  'route',
  'replace',
  ...route,
];

/** The route as `ip route` takes it, without some of its next hops. */
const withoutHops = ({ text }: RouteState, dead: readonly Nexthop[]): readonly string[] => {
  const [head = '', ...hops] = text.split(/ nexthop /);
  const alive = hops.filter((hop) => !dead.some((one) => ` ${hop} `.includes(` via ${one.gateway} dev ${one.dev} `)));
  const [only, ...others] = alive;
  return words(
    only !== undefined && others.length === 0
      ? `${head} ${only.replace(/ weight \d+/, '')}`
      : [head, ...alive].join(' nexthop '),
  );
};
