import type { Fault } from '../fault.js';
import { SERVICE } from '../topologies/kube-service.js';

export const svcOneEndpointDead: Fault = {
  id: 'svc-one-endpoint-dead',
  title: 'one of the two endpoints of a service is dead',
  topology: 'kube-service',
  break: [
    'iptables -t nat -N KUBE-SEP-2',
    'iptables -t nat -A KUBE-SEP-2 -p tcp -j DNAT --to-destination 192.168.0.66:80',
    'iptables -t nat -I KUBE-SVC-A 1 -m statistic --mode nth --every 2 --packet 0 -j KUBE-SEP-2',
  ],
  undo: ['iptables -t nat -D KUBE-SVC-A 1', 'iptables -t nat -F KUBE-SEP-2', 'iptables -t nat -X KUBE-SEP-2'],
  probe: { destination: SERVICE, protocol: 'tcp', count: 20 },
  expect: { cause: ['svc-one-endpoint-dead', 'pub-dnat-wrong'], link: ['veth-host', 'bridge'], way: 'forward' },
};
