import { originLink } from '../../src/model/path-queries.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { judgeGateway } from '../support/gateway.js';
import { unansweredProof } from '../support/proofs.js';

export const brWrongIp = defineCheck({
  meta: {
    id: 'br-wrong-ip',
    code: 'V2103',
    title: "the bridge has the containers' gateway address",
    covers: ['br-wrong-ip'],
    requires: ['target.addresses', 'target.neighbours', 'target.routes', 'host.addresses', 'host.links'],
    references: ['man 8 ip-address', 'RFC 826'],
  },
  page: {
    meaning: 'The bridge has another address than the one its containers use as gateway.',
    path: 'socket -> route -> neighbour: ARP asks for the gateway, the bridge does not have that address, nobody answers.',
    decided:
      "The bridge's address lies in the container's subnet, the container's gateway is the subnet's first address, and ARP for it stays unanswered. If the container had talked to the bridge's present address before, its own route would be blamed instead.",
    byHand: ['ip -br addr show type bridge', 'ip -n NETNS route', 'ip -n NETNS neigh'],
    origins: [
      'a bridge address changed by hand or by bip in daemon.json while containers ran',
      'two tools that manage one bridge',
    ],
    fixes: [
      'ip addr add GATEWAY/PREFIX dev BRIDGE: at once, both addresses work',
      'recreate the containers, so that they get the new gateway',
    ],
    prevention: 'Restart the containers when the address of their bridge changes.',
    lab: 'br-wrong-ip',
  },
  run(artifacts, context) {
    const verdict = judgeGateway(artifacts, context);
    if (verdict.kind === 'not-applicable') return notApplicable(verdict.reason);
    if (verdict.kind === 'fine') return pass(verdict.because);
    if (verdict.kind !== 'bridge-wrong') return notApplicable(verdict.because);
    const { gateway, bridge } = verdict;
    const origin = originLink(context.path);
    const address = `${gateway}/${bridge.prefixLength}`;
    return fail({
      cause: 'br-wrong-ip',
      title: `${bridge.ifname} has ${bridge.local}, but the container's gateway is ${gateway}`,
      place: { link: origin.id, stage: 'neighbour', way: 'forward', netns: 'host', device: bridge.ifname },
      loses: [{ link: origin.id, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `${bridge.ifname} has ${bridge.local}/${bridge.prefixLength}`,
          command: ['ip', '-br', 'addr', 'show', bridge.ifname],
        },
        {
          kind: 'read',
          text: `default via ${gateway} in the container; ${verdict.because}`,
          command: inside(context.netns('target'), ['ip', 'route']),
        },
        ...verdict.neighbour,
        ...unansweredProof(context, gateway),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `give ${bridge.ifname} the gateway address as well`,
          netns: 'host',
          commands: [['ip', 'addr', 'add', address, 'dev', bridge.ifname]],
          undo: [['ip', 'addr', 'del', address, 'dev', bridge.ifname]],
          risk: 'low',
          riskText: `${bridge.local} stays, so that containers that use it go on working`,
        },
      ],
    });
  },
});
