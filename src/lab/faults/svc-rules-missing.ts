import type { Fault } from '../fault.js';
import { SERVICE } from '../topologies/kube-service.js';

export const svcRulesMissing: Fault = {
  id: 'svc-rules-missing',
  title: 'the rules of kube-proxy are gone',
  topology: 'kube-service',
  break: ['iptables -t nat -F KUBE-SERVICES'],
  undo: ['iptables -t nat -A KUBE-SERVICES -d 10.96.0.10/32 -p tcp --dport 80 -j KUBE-SVC-A'],
  probe: { destination: SERVICE, protocol: 'tcp' },
  expect: {
    cause: ['svc-rules-missing', 'pub-dnat-missing'],
    link: ['uplink', 'outside'],
    stage: 'prerouting',
    way: 'forward',
  },
};
