import type { Fault } from '../fault.js';

export const brPortIsolated: Fault = {
  id: 'br-port-isolated',
  title: 'both bridge ports are isolated from each other',
  topology: 'two-containers',
  break: ['bridge link set dev veth1_p isolated on', 'bridge link set dev veth2_p isolated on'],
  undo: ['bridge link set dev veth1_p isolated off', 'bridge link set dev veth2_p isolated off'],
  expect: { cause: ['br-port-isolated'], link: ['veth-host', 'bridge-port'], stage: 'bridge-forward', way: 'forward' },
};
