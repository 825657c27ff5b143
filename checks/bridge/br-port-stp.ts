import { hopOf, originLink } from '../../src/model/path-queries.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';

const NUMBER: Readonly<Record<string, string>> = {
  disabled: '0',
  listening: '1',
  learning: '2',
  forwarding: '3',
  blocking: '4',
};

export const brPortStp = defineCheck({
  meta: {
    id: 'br-port-stp',
    code: 'V2104',
    title: "the container's bridge port forwards",
    covers: ['br-port-stp', 'br-port-stp-blocking', 'br-port-stp-learning'],
    requires: ['host.links', 'host.bridgePorts'],
    references: ['man 8 bridge', 'https://docs.kernel.org/networking/bridge.html'],
  },
  page: {
    meaning: "The container's port of the bridge is not in the forwarding state.",
    path: 'eth0 -> host end of the veth pair -> bridge port: listening, learning, blocking or disabled, so the frame is dropped.',
    decided:
      'The state of the port, and that the packet is seen on the port and not beyond it. The bridge itself is up.',
    byHand: ['bridge link show dev VETH', 'ip -d link show BRIDGE'],
    origins: [
      'STP is on: a new port waits two times the forward delay (30 s by default)',
      'a loop, found by STP',
      'a user-space STP daemon',
    ],
    fixes: [
      'ip link set BRIDGE type bridge stp_state 0: where the bridge has no loop',
      'bridge link set dev VETH state 3: this port alone',
    ],
    prevention: 'Bridges with only containers need no STP.',
    lab: 'br-port-stp-blocking',
  },
  run(artifacts, context) {
    const hop = hopOf(context.path, 'veth-host');
    const port = artifacts['host.bridgePorts'].find(
      (candidate) => candidate.ifindex === hop?.ifindex && hop.netns === 'host',
    );
    if (!port) return notApplicable('the container is not on a bridge of this host');
    const bridge = artifacts['host.links'].find((link) => link.ifname === port.master);
    const veth = artifacts['host.links'].find((link) => link.ifname === port.ifname);
    if (!bridge?.flags.includes('UP') || !veth?.flags.includes('UP'))
      return notApplicable('the bridge or its port is down');
    if (!veth.flags.includes('LOWER_UP')) return notApplicable(`${port.ifname} has no carrier`);
    if (port.state === 'forwarding') return pass(`${port.ifname} is forwarding`);
    const link = context.path.links.find((candidate) => candidate.from === hop?.id) ?? originLink(context.path);
    const was = NUMBER[port.state] ?? '0';
    return fail({
      cause: port.state === 'learning' ? 'br-port-stp-learning' : 'br-port-stp',
      title: `the bridge port ${port.ifname} is ${port.state}, not forwarding`,
      place: { link: link.id, stage: 'bridge-port', way: 'forward', netns: 'host', device: port.ifname },
      loses: [
        { link: link.id, way: 'forward' },
        { link: originLink(context.path).id, way: 'forward' },
      ],
      proof: [
        {
          kind: 'read',
          text: `${port.ifname}: master ${port.master} state ${port.state}`,
          command: ['bridge', 'link', 'show', 'dev', port.ifname],
        },
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `let ${port.ifname} forward`,
          netns: 'host',
          commands: [['bridge', 'link', 'set', 'dev', port.ifname, 'state', '3']],
          undo: [['bridge', 'link', 'set', 'dev', port.ifname, 'state', was]],
          risk: 'medium',
          riskText: 'if STP blocked the port because of a loop, the loop comes back',
        },
      ],
    });
  },
});
