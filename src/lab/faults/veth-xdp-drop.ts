import { pinCommand, XDP_DROP_IPV4 } from '../bpf.js';
import type { Fault } from '../fault.js';

export const vethXdpDrop: Fault = {
  id: 'veth-xdp-drop',
  title: 'an XDP program on the host veth drops what the container sends',
  topology: 'textbook',
  rootOnly: true,
  break: [
    'mkdir -p /run/bpf && mount -t bpf bpf /run/bpf',
    pinCommand('/run/bpf/drop', XDP_DROP_IPV4),
    'ip link set dev veth1_p xdpgeneric pinned /run/bpf/drop',
    'umount /run/bpf',
  ],
  undo: ['ip link set dev veth1_p xdpgeneric off'],
  expect: { cause: ['veth-xdp-drop', 'xdp-drop'], link: ['container', 'veth-host'], stage: 'tc', way: 'forward' },
};
