import type { Finding } from '../../src/model/finding.js';
import type { Way } from '../../src/model/flow.js';
import { hopOf } from '../../src/model/path-queries.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { mtuRemedy, VLAN_BYTES } from '../support/mtu.js';
import { socketErrorProof } from '../support/proofs.js';

export const vethMtuMismatch = defineCheck({
  meta: {
    id: 'veth-mtu-mismatch',
    code: 'V2510',
    title: 'both ends of the veth pair take frames of this size',
    covers: ['veth-host-mtu-smaller', 'ctr-mtu-below-host-veth'],
    requires: ['target.links', 'host.links'],
    references: ['man 4 veth', '__is_skb_forwardable in include/linux/netdevice.h'],
  },
  page: {
    meaning:
      'The two ends of the veth pair have different MTUs: what the larger end sends, the smaller one drops, and no ICMP error tells of it.',
    path: 'the larger end -> the cable: longer than the MTU of the other end, dropped without a reason -> nothing.',
    decided:
      'Small packets pass and large ones end on the cable; the MTU at the receiving end is smaller than the packet.',
    byHand: ['ip link show dev VETH', 'ip -n CONTAINER link show dev eth0', 'ip -s link show dev VETH'],
    origins: [
      'a script that sets the MTU of one end',
      'an MTU set for the bridge after the container was started',
      'a runtime and a CNI plugin that disagree about the MTU',
    ],
    fixes: ['ip link set dev DEVICE mtu N: the same at both ends'],
    prevention: "Set the MTU in the runtime's network, not on devices.",
    lab: 'veth-host-mtu-smaller',
  },
  run(artifacts, context) {
    const [inner, outer] = [hopOf(context.path, 'container'), hopOf(context.path, 'veth-host')];
    const cable = context.path.links.find(({ from, to }) => from === inner?.id && to === outer?.id);
    if (!inner?.ifname || !outer?.ifname || !cable || outer.netns !== 'host')
      return notApplicable('the container has no veth peer on this host');
    const mtuOf = (name: string, links: readonly { readonly ifname: string; readonly mtu: number }[]): number =>
      links.find(({ ifname }) => ifname === name)?.mtu ?? 0;
    const container: End = {
      netns: 'target',
      device: inner.ifname,
      mtu: mtuOf(inner.ifname, artifacts['target.links']),
    };
    const host: End = { netns: 'host', device: outer.ifname, mtu: mtuOf(outer.ifname, artifacts['host.links']) };
    if (container.mtu === host.mtu) return pass(`both ends of the veth pair have an MTU of ${host.mtu} bytes`);
    const [small, large, way]: [End, End, Way] =
      host.mtu < container.mtu ? [host, container, 'forward'] : [container, host, 'return'];
    if (context.sent.bytes <= small.mtu + VLAN_BYTES) return pass(`these packets fit into ${small.mtu} bytes`);
    return fail(finding(context, { small, large, way, link: cable.id }));
  },
});

interface End {
  readonly netns: 'host' | 'target';
  readonly device: string;
  readonly mtu: number;
}

interface Pair {
  readonly small: End;
  readonly large: End;
  readonly way: Way;
  readonly link: string;
}

const finding = (context: CheckContext, { small, large, way, link }: Pair): Finding => ({
  cause: way === 'forward' ? 'veth-host-mtu-smaller' : 'ctr-mtu-below-host-veth',
  title: `${small.device} ${at(small)} drops frames over ${small.mtu} bytes`,
  place: { link, stage: 'veth', way, netns: small.netns, device: small.device },
  loses: [{ link, way }],
  proof: [
    {
      kind: 'read',
      text: `${small.device}: mtu ${small.mtu}; ${large.device}: mtu ${large.mtu}; the packets: ${context.sent.bytes} bytes`,
      command: inside(context.netns(small.netns), ['ip', 'link', 'show', 'dev', small.device]),
    },
    ...socketErrorProof(context),
  ],
  remedies: [mtuRemedy(context, small.netns, small.device, { from: small.mtu, to: large.mtu })],
  notes: ['no ICMP error is sent for it: TCP stalls after its first full segment'],
});

const at = ({ netns }: End): string => (netns === 'host' ? 'on the host' : 'in the container');
