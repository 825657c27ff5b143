import { CLASSIC_DROP_IPV4 } from '../bpf.js';
import type { Fault } from '../fault.js';

export const vethTcIngressBpfDrop: Fault = {
  id: 'veth-tc-ingress-bpf-drop',
  title: 'a BPF filter at the ingress of the host veth drops what the container sends',
  topology: 'textbook',
  break: [
    'tc qdisc add dev veth1_p clsact',
    `tc filter add dev veth1_p ingress bpf direct-action bytecode '${CLASSIC_DROP_IPV4}'`,
  ],
  undo: ['tc qdisc del dev veth1_p clsact'],
  expect: {
    cause: ['veth-tc-ingress-bpf-drop', 'tc-drop'],
    link: ['veth-host', 'bridge'],
    stage: 'tc',
    way: 'forward',
  },
};
