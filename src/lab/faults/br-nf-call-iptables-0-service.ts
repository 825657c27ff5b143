import type { Fault } from '../fault.js';
import { SERVICE } from '../topologies/kube-service.js';

export const brNfCallIptables0Service: Fault = {
  id: 'br-nf-call-iptables-0-service',
  title: 'answers of a service on the same bridge keep the address of its pod (bridge-nf-call-iptables)',
  topology: 'kube-service',
  break: ['sysctl -qw net.bridge.bridge-nf-call-iptables=0'],
  undo: ['sysctl -qw net.bridge.bridge-nf-call-iptables=1'],
  probe: { destination: SERVICE, protocol: 'tcp' },
  expect: { cause: ['br-nf-call-iptables-0-service'], link: ['socket', 'container'], way: 'return' },
};
