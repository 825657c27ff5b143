import { CLASSIC_DROP_IPV4 } from '../bpf.js';
import type { Fault } from '../fault.js';

export const uplinkTcIngressDrop: Fault = {
  id: 'uplink-tc-ingress-drop',
  title: 'a BPF filter at the ingress of the uplink drops what comes from outside',
  topology: 'textbook',
  break: [
    'tc qdisc add dev eth0 clsact',
    `tc filter add dev eth0 ingress bpf direct-action bytecode '${CLASSIC_DROP_IPV4}'`,
  ],
  undo: ['tc qdisc del dev eth0 clsact'],
  expect: {
    cause: ['uplink-tc-ingress-drop', 'tc-drop'],
    link: ['bridge', 'uplink'],
    stage: 'tc',
    way: 'return',
  },
};
