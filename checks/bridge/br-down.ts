import { hopOf, originLink } from '../../src/model/path-queries.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';

export const brDown = defineCheck({
  meta: {
    id: 'br-down',
    code: 'V2101',
    title: 'the bridge is up',
    covers: ['br-down'],
    requires: ['host.links'],
    references: ['https://docs.kernel.org/networking/bridge.html'],
  },
  page: {
    meaning: 'The bridge is administratively down: its ports are disabled and the host has no route to the containers.',
    path: 'eth0 -> host end of the veth pair -> bridge port in the state disabled: dropped. The kernel calls it an STP state although STP is off.',
    decided: 'The bridge lacks the UP flag; the packet is seen on the port and not on the bridge.',
    byHand: ['ip -br link show type bridge', 'bridge link', 'ip route'],
    origins: ['a network restart that took the bridge down', 'NetworkManager or ifdown', 'a script'],
    fixes: ['ip link set BRIDGE up: at once; its connected route comes back by itself'],
    prevention: 'Leave bridges of containers unmanaged in NetworkManager and systemd-networkd.',
    lab: 'br-down',
  },
  run(artifacts, context) {
    const hop = hopOf(context.path, 'bridge');
    const bridge =
      hop?.netns === 'host' ? artifacts['host.links'].find((link) => link.ifindex === hop.ifindex) : undefined;
    if (!bridge) return notApplicable('the container is not on a bridge of this host');
    if (bridge.flags.includes('UP')) return pass(`${bridge.ifname} is up`);
    const link = context.path.links.find((candidate) => candidate.to === hop?.id) ?? originLink(context.path);
    return fail({
      cause: 'br-down',
      title: `the bridge ${bridge.ifname} is down`,
      place: { link: link.id, stage: 'bridge-port', way: 'forward', netns: 'host', device: bridge.ifname },
      loses: [
        { link: link.id, way: 'forward' },
        { link: originLink(context.path).id, way: 'forward' },
      ],
      proof: [
        {
          kind: 'read',
          text: `${bridge.ifname} lacks the UP flag (state ${bridge.operstate})`,
          command: ['ip', '-br', 'link', 'show', bridge.ifname],
        },
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `set ${bridge.ifname} up`,
          netns: 'host',
          commands: [['ip', 'link', 'set', bridge.ifname, 'up']],
          undo: [['ip', 'link', 'set', bridge.ifname, 'down']],
          risk: 'low',
          riskText: 'all containers of this bridge get their network back',
        },
      ],
    });
  },
});
