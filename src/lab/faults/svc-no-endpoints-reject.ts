import type { Fault } from '../fault.js';
import { SERVICE } from '../topologies/kube-service.js';

export const svcNoEndpointsReject: Fault = {
  id: 'svc-no-endpoints-reject',
  title: 'the service has no endpoint, and kube-proxy rejects it',
  topology: 'kube-service',
  break: [
    'iptables -t nat -D KUBE-SVC-A -j KUBE-SEP-1',
    'iptables -A FORWARD -d 10.96.0.10 -p tcp --dport 80 -m comment --comment "default/web has no endpoints" -j REJECT --reject-with icmp-port-unreachable',
  ],
  undo: [
    'iptables -D FORWARD -d 10.96.0.10 -p tcp --dport 80 -m comment --comment "default/web has no endpoints" -j REJECT --reject-with icmp-port-unreachable',
    'iptables -t nat -A KUBE-SVC-A -j KUBE-SEP-1',
  ],
  probe: { destination: SERVICE, protocol: 'tcp' },
  expect: {
    cause: ['svc-no-endpoints-reject', 'nf-rule-reject'],
    link: ['bridge', 'uplink'],
    stage: 'forward',
    way: 'forward',
  },
};
