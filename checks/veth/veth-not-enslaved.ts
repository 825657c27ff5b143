import { originLink } from '../../src/model/path-queries.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { askedProof, unansweredProof } from '../support/proofs.js';
import { homeBridge, isRoutedBack, misroutedReply } from '../support/return-device.js';

export const vethNotEnslaved = defineCheck({
  meta: {
    id: 'veth-not-enslaved',
    code: 'V2002',
    title: "the container's veth is a port of its bridge",
    covers: ['veth-not-enslaved', 'veth-not-enslaved-fresh-arp'],
    requires: ['host.links', 'host.addresses'],
    references: ['man 8 bridge', 'man 8 ip-link'],
  },
  page: {
    meaning: 'The host end of the veth pair is not a port of the bridge that has the container subnet.',
    path: 'The request looks healthy: the host answers ARP for the gateway on any interface and forwards it. The reply is routed to the bridge, which has no such port, and ARP there stays unanswered.',
    decided: 'The veth has no master, yet the route back to the container leads to a bridge.',
    byHand: ['ip -d link show VETH', 'bridge link', 'ip route get CONTAINER-ADDRESS'],
    origins: [
      'a race between the runtime and systemd-networkd or NetworkManager',
      'ip link set VETH nomaster',
      'a bridge that was deleted and made anew',
    ],
    fixes: ['ip link set VETH master BRIDGE: at once', 'docker network disconnect and connect'],
    prevention: 'Leave veth* unmanaged in NetworkManager and systemd-networkd.',
    lab: 'veth-not-enslaved',
  },
  run(artifacts, context) {
    if (!isRoutedBack(context)) return notApplicable('no reply is routed on this path');
    const wrong = misroutedReply(context, artifacts['host.links']);
    if (!wrong) return pass('the route back is right');
    const { veth } = wrong;
    const chosen = homeBridge(wrong, artifacts['host.links'], artifacts['host.addresses']);
    if (!veth) return notApplicable('the container has no veth peer on this host');
    if (veth.master !== null) return pass(`${veth.ifname} is a port of ${veth.master}`);
    if (!chosen) return pass('the route back does not lead to a bridge');
    return fail({
      cause: 'veth-not-enslaved',
      title: `${veth.ifname} is not a port of the bridge ${chosen.ifname}`,
      place: { link: wrong.step.link, stage: 'bridge-port', way: 'return', netns: 'host', device: veth.ifname },
      loses: [wrong.loses[0], ...wrong.loses.slice(1), { link: originLink(context.path).id, way: 'forward' }],
      proof: [
        { kind: 'read', text: `${veth.ifname} has no master`, command: ['ip', '-d', 'link', 'show', veth.ifname] },
        {
          kind: 'read',
          text: `route back: ${wrong.step.detail.answer.route?.text ?? ''} (table ${wrong.step.detail.answer.route?.table ?? '?'})`,
          command: ['ip', 'route', 'get', wrong.container ?? ''],
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
          undo: [['ip', 'link', 'set', veth.ifname, 'nomaster']],
          risk: 'low',
          riskText: 'only this container is changed',
        },
      ],
    });
  },
});
