import { originLink } from '../../src/model/path-queries.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { judgeGateway } from '../support/gateway.js';
import { sendsVia } from '../support/once-mended.js';
import { unansweredProof } from '../support/proofs.js';

export const ctrWrongGateway = defineCheck({
  meta: {
    id: 'ctr-wrong-gateway',
    code: 'V1008',
    title: "the container's gateway is an address of the host",
    covers: ['ctr-wrong-gateway'],
    requires: ['target.addresses', 'target.neighbours', 'target.routes', 'host.addresses', 'host.links'],
    references: ['man 8 ip-neighbour', 'RFC 826'],
  },
  page: {
    meaning: "The container's default gateway is an address that nobody on its network has.",
    path: 'socket -> route -> neighbour: ARP asks "who has GATEWAY", nobody answers, the packets wait and are dropped.',
    decided:
      "No interface of the host has the gateway's address, the bridge has another one in the container's subnet, and ARP for the gateway stays unanswered.",
    byHand: ['ip -n NETNS route', 'ip -n NETNS neigh', 'ip -br addr show type bridge'],
    origins: [
      'a static --gateway or a hand-written route',
      'a copied network configuration',
      'an image that brings its own route',
    ],
    fixes: [
      'ip route replace default via BRIDGE-ADDRESS in the container',
      'recreate the container on the network, so that IPAM sets the gateway',
    ],
    prevention: 'Leave the gateway to the network driver.',
    lab: 'ctr-wrong-gateway',
  },
  run(artifacts, context) {
    const used = stepsOf(context.walk, 'route').find(({ netns, way }) => netns === 'target' && way === 'forward')
      ?.detail.answer.route;
    if (used?.nexthops.some(({ gateway }) => gateway !== null) && !/^(0\.0\.0\.0|::)\/0$/.test(used.destination))
      return notApplicable('the packets do not take the default route');
    const verdict = judgeGateway(artifacts, context);
    if (verdict.kind === 'not-applicable') return notApplicable(verdict.reason);
    if (verdict.kind === 'fine') return pass(verdict.because);
    if (verdict.kind !== 'container-wrong') return notApplicable(verdict.because);
    const { gateway, bridge } = verdict;
    const netns = context.netns('target');
    const link = originLink(context.path);
    const product = fail({
      cause: 'ctr-wrong-gateway',
      title: `nobody has the gateway ${gateway}; ${bridge.ifname} has ${bridge.local}`,
      place: { link: link.id, stage: 'neighbour', way: 'forward', netns: 'target', object: `default via ${gateway}` },
      loses: [{ link: link.id, way: 'forward' }],
      proof: [
        { kind: 'read', text: `default via ${gateway} in the container`, command: inside(netns, ['ip', 'route']) },
        {
          kind: 'read',
          text: `${bridge.ifname} has ${bridge.local}/${bridge.prefixLength}; no interface of the host has ${gateway}`,
          command: ['ip', '-br', 'addr'],
        },
        ...verdict.neighbour,
        ...unansweredProof(context, gateway),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `point the default route to ${bridge.local}`,
          netns: 'target',
          commands: [inside(netns, ['ip', 'route', 'replace', 'default', 'via', bridge.local])],
          undo: [inside(netns, ['ip', 'route', 'replace', 'default', 'via', gateway])],
          risk: 'low',
          riskText: 'only this container is changed',
        },
      ],
      notes: [verdict.because],
    });
    return { ...product, onceMended: sendsVia(gateway, bridge.local) };
  },
});
