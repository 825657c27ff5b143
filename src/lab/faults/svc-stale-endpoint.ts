import type { Fault } from '../fault.js';
import { SERVICE } from '../topologies/kube-service.js';

export const svcStaleEndpoint: Fault = {
  id: 'svc-stale-endpoint',
  title: 'the service leads to a pod that is gone',
  topology: 'kube-service',
  break: ['iptables -t nat -R KUBE-SEP-1 1 -p tcp -j DNAT --to-destination 192.168.0.66:80'],
  undo: ['iptables -t nat -R KUBE-SEP-1 1 -p tcp -j DNAT --to-destination 192.168.0.3:80'],
  probe: { destination: SERVICE, protocol: 'tcp' },
  expect: { cause: ['svc-stale-endpoint', 'pub-dnat-wrong'], link: ['veth-host', 'bridge'], way: 'forward' },
};
