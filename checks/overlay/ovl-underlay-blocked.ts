import { hopOf, wireLink } from '../../src/model/path-queries.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { isHostAddress } from '../support/nat.js';
import { peerLoss } from '../support/peer.js';
import { askedProof, countedProof } from '../support/proofs.js';
import { type Tunnel, tunnelOf, wrapped, wrapStage } from '../support/tunnel.js';

export const ovlUnderlayBlocked = defineCheck({
  meta: {
    id: 'ovl-underlay-blocked',
    code: 'V6620',
    title: 'the network between the hosts carries the tunnel',
    covers: [
      'ovl-underlay-blocked',
      'ovl-udp-blocked-underlay',
      'ovl-udp-port-blocked',
      'ovl-vni-mismatch',
      'ovl-wrong-vtep-local-ip',
    ],
    requires: ['host.links', 'host.addresses'],
    references: ['RFC 7348', 'man 8 ip-link (vxlan)'],
  },
  page: {
    meaning:
      'The packets leave this host inside of the tunnel, or cannot be wrapped, and nothing comes back through it from the other host.',
    path: 'tunnel device -> UDP packet from this host to the other -> uplink -> underlay -> the other host: its firewall, its tunnel device, its container.',
    decided:
      'The requests are seen on the uplink inside of UDP packets to the other host, and no answer is, neither for the container nor for this host itself. What becomes of them over there cannot be seen from here.',
    byHand: [
      'tcpdump -p -ni eth0 udp port 8472',
      'ip -d link show flannel.1',
      'on the other host: tcpdump -p -ni eth0 udp port 8472',
    ],
    origins: [
      'a firewall or cloud security group does not let UDP 8472 (Flannel) or 4789 (Docker Swarm) pass between the hosts',
      'the other host drops it: INPUT, another VNI, no tunnel device, FORWARD policy, no route back',
      "the node's address changed, and the tunnel device still has the old one (local)",
    ],
    fixes: [
      'let UDP to the port of the tunnel pass between the hosts, both ways',
      'trace from the other host towards this one: vethoscope there sees what this host cannot',
      'restart the agent of the tunnel: it makes the device anew with the current address',
    ],
    prevention: 'Open the port of the tunnel for all hosts of the cluster in one rule, and probe it.',
    lab: 'ovl-udp-blocked-underlay',
  },
  run(artifacts, context) {
    const tunnel = tunnelOf(artifacts['host.links'], context);
    if (!tunnel) return notApplicable('the flow leaves by no VXLAN device');
    const local = tunnel.link.data['local'];
    if (typeof local === 'string' && local !== 'any' && !isHostAddress(artifacts['host.addresses'], local))
      return fail(foreignLocal(context, tunnel, local));
    if (peerLoss(context)) return notApplicable('the other host shows where the packets are lost');
    const wire = wireLink(context.path);
    const uplink = hopOf(context.path, 'uplink');
    const { located, control, fullSize } = context;
    const whole = wrapped(artifacts['host.links'], context);
    if (whole && whole.bytes > whole.under.mtu)
      return notApplicable('a check of its own looks at packets that do not fit once they are wrapped');
    if (fullSize) return pass('smaller packets are answered');
    if (located.answered > 0 || located.replyBy.length > 0) return pass('answers come back');
    if (control !== null && control.answered > 0) return pass("the host's own probe is answered through the tunnel");
    const seen = located.counts.find(({ hop }) => hop === uplink?.id);
    if (!wire || !uplink?.inside || !seen || seen.forward === 0 || tunnel.remote === null)
      return notApplicable('the packets are not seen on the uplink');
    if (!seen.trusted) return notApplicable('whether an answer came back was not seen');
    const { port } = uplink.inside;
    return fail({
      cause: 'ovl-underlay-blocked',
      title: `nothing comes back through ${tunnel.link.ifname} from the host ${tunnel.remote}`,
      place: { link: wire.id, stage: 'outside', way: 'forward', netns: 'host', device: uplink.ifname ?? '' },
      loses: [{ link: wire.id, way: 'forward' }],
      proof: [
        {
          kind: 'seen',
          text: `requests leave ${uplink.ifname} inside of UDP to ${tunnel.remote} port ${port}`,
          command: ['tcpdump', '-p', '-ni', uplink.ifname ?? '', 'udp', 'port', `${port}`],
        },
        control && control.failure === null
          ? {
              kind: 'control',
              text: `the same probe from the host itself: 0 of ${control.sent} answered`,
              command: control.command,
            }
          : { kind: 'inferred', text: 'the host itself was not probed' },
      ],
      remedies: [
        {
          kind: 'instruction',
          title: `nothing on this host shows why: let UDP ${port} pass to and from ${tunnel.remote}, and trace from that host`,
          netns: 'host',
          commands: [],
          undo: [],
          risk: 'low',
          riskText: 'nothing is changed here',
        },
      ],
      notes: [
        `whether ${tunnel.remote} is the right host, and takes UDP ${port}, cannot be seen from here; its own firewall, tunnel, routes and container may lose them as well`,
      ],
    });
  },
});

const foreignLocal = (context: CheckContext, { link, out }: Tunnel, local: string) => ({
  cause: 'ovl-wrong-vtep-local-ip',
  title: `${link.ifname} sends from ${local}, no address of this host`,
  place: {
    link: out,
    stage: wrapStage(context, out),
    way: 'forward' as const,
    netns: 'host',
    device: link.ifname,
  },
  loses: [{ link: out, way: 'forward' as const }] as const,
  proof: [
    {
      kind: 'read' as const,
      text: `${link.ifname}: vxlan local ${local}`,
      command: ['ip', '-d', 'link', 'show', link.ifname],
    },
    ...countedProof(context, 'host', 'Ip.OutNoRoutes'),
    ...askedProof(context, 'route-forward', 'host'),
  ] as const,
  remedies: [
    {
      kind: 'instruction' as const,
      title: `let its agent make ${link.ifname} anew with the current address of this host (restart flanneld), or give the host ${local} back`,
      netns: 'host',
      commands: [],
      undo: [],
      risk: 'medium' as const,
      riskText: 'all traffic through the tunnel is down until then, as it is now',
    },
  ],
});
