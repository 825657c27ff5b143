import { hopOf, originLink } from '../../src/model/path-queries.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { unansweredProof } from '../support/proofs.js';

export const brPortIsolated = defineCheck({
  meta: {
    id: 'br-port-isolated',
    code: 'V2105',
    title: 'the two bridge ports are not isolated from each other',
    covers: ['br-port-isolated'],
    requires: ['host.bridgePorts'],
    references: ['man 8 bridge'],
  },
  page: {
    meaning: 'Both containers sit on isolated ports of the bridge; isolated ports do not talk to each other.',
    path: 'eth0 -> its bridge port -> forward decision: both ports isolated, the frame (ARP too) is not passed on.',
    decided: 'Both ports have "isolated on"; one alone would not stop anything.',
    byHand: ['bridge -d link show dev VETH1', 'bridge -d link show dev VETH2'],
    origins: ['portIsolation of the CNI bridge plugin', 'a hardening script', 'networks meant to be separate'],
    fixes: ['bridge link set dev VETH isolated off: one of the two is enough'],
    prevention: 'Put containers that must talk on one network without isolation.',
    lab: 'br-port-isolated',
  },
  run(artifacts, context) {
    const [own, peer] = [hopOf(context.path, 'veth-host'), hopOf(context.path, 'bridge-port')];
    if (context.flow.kind !== 'lateral' || !own || !peer)
      return notApplicable('the flow does not go from port to port');
    const ports = artifacts['host.bridgePorts'];
    const [first, second] = [own, peer].map((hop) => ports.find((port) => port.ifname === hop.ifname));
    if (!first || !second || first.master !== second.master)
      return notApplicable('the two are not ports of one bridge');
    if (!first.isolated || !second.isolated) return pass('at most one of the two ports is isolated');
    const origin = originLink(context.path);
    const link = context.path.links.find((candidate) => candidate.from === own.id) ?? origin;
    return fail({
      cause: 'br-port-isolated',
      title: `the bridge ports ${first.ifname} and ${second.ifname} are both isolated`,
      place: { link: link.id, stage: 'bridge-forward', way: 'forward', netns: 'host', device: first.ifname },
      loses: [
        { link: link.id, way: 'forward' },
        { link: origin.id, way: 'forward' },
      ],
      proof: [
        {
          kind: 'read',
          text: `${first.ifname}: isolated on`,
          command: ['bridge', '-d', 'link', 'show', 'dev', first.ifname],
        },
        {
          kind: 'read',
          text: `${second.ifname}: isolated on`,
          command: ['bridge', '-d', 'link', 'show', 'dev', second.ifname],
        },
        ...unansweredProof(context, context.flow.destination),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `take the isolation off ${first.ifname}`,
          netns: 'host',
          commands: [['bridge', 'link', 'set', 'dev', first.ifname, 'isolated', 'off']],
          undo: [['bridge', 'link', 'set', 'dev', first.ifname, 'isolated', 'on']],
          risk: 'medium',
          riskText: `${first.ifname} can then talk to every isolated port of ${first.master}; the isolation may be meant`,
        },
      ],
    });
  },
});
