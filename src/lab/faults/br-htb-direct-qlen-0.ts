import type { Fault } from '../fault.js';

export const brHtbDirectQlen0: Fault = {
  id: 'br-htb-direct-qlen-0',
  title: "the bridge's queue has no room",
  topology: 'textbook',
  break: ['tc qdisc replace dev br0 root htb direct_qlen 0'],
  undo: ['tc qdisc del dev br0 root'],
  expect: { cause: ['br-htb-direct-qlen-0', 'qdisc-drop'], link: ['bridge', 'uplink'], stage: 'qdisc', way: 'return' },
};
