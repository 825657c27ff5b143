import { CLASSIC_DROP_IPV4 } from '../bpf.js';
import type { Fault } from '../fault.js';

export const vethTcEgressBpfDrop: Fault = {
  id: 'veth-tc-egress-bpf-drop',
  title: 'a BPF filter at the egress of the host veth drops what the container would receive',
  topology: 'textbook',
  break: [
    'tc qdisc add dev veth1_p clsact',
    `tc filter add dev veth1_p egress bpf direct-action bytecode '${CLASSIC_DROP_IPV4}'`,
  ],
  undo: ['tc qdisc del dev veth1_p clsact'],
  expect: {
    cause: ['veth-tc-egress-bpf-drop', 'tc-drop'],
    link: ['veth-host', 'bridge'],
    stage: 'tc',
    way: 'return',
  },
};
