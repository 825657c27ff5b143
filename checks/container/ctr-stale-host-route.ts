import { originLink } from '../../src/model/path-queries.js';
import type { RouteState } from '../../src/model/state.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside, words } from '../support/commands.js';
import { judgeGateway } from '../support/gateway.js';
import { sendsVia } from '../support/once-mended.js';
import { unansweredProof } from '../support/proofs.js';

export const ctrStaleHostRoute = defineCheck({
  meta: {
    id: 'ctr-stale-host-route',
    code: 'V1016',
    title: 'no old route of the container leads past its gateway',
    covers: ['ctr-stale-host-route'],
    requires: ['target.addresses', 'target.neighbours', 'target.routes', 'host.addresses', 'host.links'],
    references: ['man 8 ip-route', 'https://docs.kernel.org/networking/ip-sysctl.html (accept_redirects)'],
  },
  page: {
    meaning: 'The container has a route for this destination of its own, to a neighbour that is not there any more.',
    path: 'socket -> route: the longest prefix wins over the default -> neighbour: ARP asks "who has NEXT-HOP", nobody answers.',
    decided:
      "The route that is used is not the default route, nobody on the container's network has its next hop, ARP for it stays unanswered, and the gateway of the default route is the host's own address.",
    byHand: ['ip -n NETNS route get DESTINATION', 'ip -n NETNS route', 'ip -n NETNS neigh'],
    origins: [
      'a route by hand, or of a VPN that is gone',
      'an image or an entry script that brings its own route',
      'a redirect of ICMP that was accepted, of which only "ip route get" tells',
    ],
    fixes: [
      'ip -n NETNS route del DESTINATION: the default route takes it',
      'sysctl -w net.ipv4.conf.all.accept_redirects=0 in the container, where a router taught it',
    ],
    prevention: 'Routes of containers belong into the configuration of their network.',
    lab: 'ctr-stale-host-route',
  },
  run(artifacts, context) {
    const step = stepsOf(context.walk, 'route').find(({ netns, way }) => netns === 'target' && way === 'forward');
    const used = step?.detail.answer.route ?? null;
    const own = step?.detail.answer.gateway ?? null;
    if (!used || own === null || isDefault(used))
      return notApplicable('the packets take no route through a gateway of its own');
    const verdict = judgeGateway(artifacts, context);
    if (verdict.kind === 'not-applicable') return notApplicable(verdict.reason);
    if (verdict.kind === 'fine') return pass(verdict.because);
    if (verdict.kind !== 'container-wrong') return notApplicable(verdict.because);
    const byDefault = artifacts['target.routes']
      .filter((route) => isDefault(route) && route.table === 'main' && route.family === context.flow.family)
      .flatMap(({ nexthops }) => nexthops)
      .find(({ gateway }) => artifacts['host.addresses'].some(({ local }) => local === gateway));
    if (!byDefault?.gateway) return notApplicable('no default route leads to an address of the host');
    const netns = context.netns('target');
    const link = originLink(context.path);
    const ip = context.flow.family === 6 ? ['ip', '-6'] : ['ip'];
    const route = [...words(used.text), ...(used.table === 'main' ? [] : ['table', used.table])];
    const product = fail({
      cause: 'ctr-stale-host-route',
      title: `nobody has ${own}, the next hop of ${used.destination}`,
      place: { link: link.id, stage: 'neighbour', way: 'forward', netns: 'target', object: used.text },
      loses: [{ link: link.id, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `table ${used.table} of the container: ${used.text}`,
          command: inside(netns, [...ip, 'route', 'show', 'table', used.table]),
        },
        {
          kind: 'read',
          text: `its default route leads to ${byDefault.gateway}, an address of the host; no interface there has ${own}`,
          command: ['ip', '-br', 'addr'],
        },
        ...verdict.neighbour,
        ...unansweredProof(context, own),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: 'delete that route: the default route takes its place',
          netns: 'target',
          commands: [inside(netns, [...ip, 'route', 'del', ...route])],
          undo: [inside(netns, [...ip, 'route', 'add', ...route])],
          risk: 'low',
          riskText: 'only this container is changed',
        },
      ],
    });
    return { ...product, onceMended: sendsVia(own, byDefault.gateway) };
  },
});

const isDefault = ({ destination }: RouteState): boolean => destination === '0.0.0.0/0' || destination === '::/0';
