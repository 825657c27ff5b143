import { originLink } from '../../src/model/path-queries.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside, words } from '../support/commands.js';
import { askedProof, socketErrorProof } from '../support/proofs.js';

export const ctrRouteUnreachable = defineCheck({
  meta: {
    id: 'ctr-route-unreachable',
    code: 'V1005',
    title: 'no route of the container refuses the destination',
    covers: ['ctr-route-unreachable'],
    requires: ['target.routes'],
    references: ['man 8 ip-route'],
  },
  page: {
    meaning: 'A route of the type unreachable, prohibit or blackhole inside the container refuses the destination.',
    path: 'socket -> route look-up: "No route to host", "Permission denied" or "Invalid argument". No packet is built.',
    decided:
      "The longest matching route in the container's tables has such a type, and its kernel answers with the error of that type.",
    byHand: ['ip -n NETNS route show table all type unreachable', 'ip -n NETNS route get 203.0.113.5'],
    origins: ['the kill switch of a VPN client in the container', 'wg-quick', 'a hardening script'],
    fixes: ['ip route del TYPE NETWORK in the container', 'bring the tunnel up that the route guards'],
    prevention: 'Let the VPN container exempt the networks that must stay reachable.',
    lab: 'ctr-route-unreachable',
  },
  run(_artifacts, context) {
    const route = stepsOf(context.walk, 'route').find((step) => step.netns === 'target');
    if (!route) return notApplicable("the container's routes could not be walked");
    const { answer } = route.detail;
    const refuses = answer.outcome === 'unreachable' || answer.outcome === 'prohibit' || answer.outcome === 'blackhole';
    if (!refuses || answer.decidedBy !== 'route' || !answer.route) return pass('no route of the container refuses it');
    const netns = context.netns('target');
    const link = originLink(context.path);
    const table = answer.route.table === 'main' ? [] : ['table', answer.route.table];
    const text = words(answer.route.text);
    return fail({
      cause: 'ctr-route-unreachable',
      title: `the container has the route "${answer.route.text}"`,
      place: { link: link.id, stage: 'route', way: 'forward', netns: 'target', object: answer.route.text },
      loses: [{ link: link.id, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `table ${answer.route.table}: ${answer.route.text}`,
          command: inside(netns, ['ip', 'route', 'show', 'table', answer.route.table]),
        },
        ...socketErrorProof(context),
        ...askedProof(context, 'route-origin'),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: 'delete that route',
          netns: 'target',
          commands: [inside(netns, ['ip', 'route', 'del', ...text, ...(text.includes('table') ? [] : table)])],
          undo: [inside(netns, ['ip', 'route', 'add', ...text, ...(text.includes('table') ? [] : table)])],
          risk: 'medium',
          riskText: 'if it is the kill switch of a VPN, traffic will leave outside the tunnel',
        },
      ],
    });
  },
});
