import { originLink } from '../../src/model/path-queries.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { hasSubnetOf } from '../support/container.js';
import { askedProof, unansweredProof } from '../support/proofs.js';
import { homeBridge, isRoutedBack, misroutedReply } from '../support/return-device.js';

export const vethWrongBridge = defineCheck({
  meta: {
    id: 'veth-wrong-bridge',
    code: 'V2003',
    title: "the container's veth is a port of the bridge with its subnet",
    covers: ['veth-wrong-bridge'],
    requires: ['host.links', 'host.addresses'],
    references: ['man 8 bridge'],
  },
  page: {
    meaning: 'The host end of the veth pair is a port of another bridge than the one with the container subnet.',
    path: 'The request passes, because the host answers ARP for its addresses on any interface. The reply is routed to the right bridge, which has no such port.',
    decided: "The veth's master is one bridge, the route back to the container leads to another.",
    byHand: ['bridge link', 'ip -br addr show type bridge', 'ip route get CONTAINER-ADDRESS'],
    origins: [
      'a script with a fixed bridge name',
      'two runtimes with the same bridge name',
      'a network made anew under another bridge',
    ],
    fixes: ['ip link set VETH master BRIDGE: at once', 'docker network disconnect and connect'],
    prevention: 'Let one tool make the veth pair and the bridge.',
    lab: 'veth-wrong-bridge',
  },
  run(artifacts, context) {
    if (!isRoutedBack(context)) return notApplicable('no reply is routed on this path');
    const wrong = misroutedReply(context, artifacts['host.links']);
    if (!wrong) return pass('the route back is right');
    const { veth } = wrong;
    const chosen = homeBridge(wrong, artifacts['host.links'], artifacts['host.addresses']);
    if (!veth) return notApplicable('the container has no veth peer on this host');
    if (veth.master === null || chosen === null || chosen.ifname === veth.master)
      return pass(`${veth.ifname} is where the route leads`);
    if (hasSubnetOf(artifacts['host.addresses'], veth.master, wrong.container))
      return pass(`${veth.master} has the container's subnet`);
    return fail({
      cause: 'veth-wrong-bridge',
      title: `${veth.ifname} is a port of ${veth.master}, but its subnet is that of ${chosen.ifname}`,
      place: { link: wrong.step.link, stage: 'bridge-port', way: 'return', netns: 'host', device: veth.ifname },
      loses: [wrong.loses[0], ...wrong.loses.slice(1), { link: originLink(context.path).id, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `${veth.ifname}: master ${veth.master}`,
          command: ['bridge', 'link', 'show', 'dev', veth.ifname],
        },
        ...askedProof(context, 'route-return', 'host'),
        ...unansweredProof(context, wrong.container ?? ''),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `make ${veth.ifname} a port of ${chosen.ifname}`,
          netns: 'host',
          commands: [['ip', 'link', 'set', veth.ifname, 'master', chosen.ifname]],
          undo: [['ip', 'link', 'set', veth.ifname, 'master', veth.master]],
          risk: 'low',
          riskText: 'only this container is changed',
        },
      ],
    });
  },
});
