import type { Fault } from '../fault.js';
import { SERVICE } from '../topologies/kube-service.js';

export const svcEtpLocalDrop: Fault = {
  id: 'svc-etp-local-drop',
  title: 'the service is for pods of this host alone, and there is none',
  topology: 'kube-service',
  break: [
    'iptables -A FORWARD -d 192.168.0.3 -p tcp --dport 80 -m conntrack --ctorigdst 10.96.0.10 -m comment --comment "default/web has no local endpoints" -j DROP',
  ],
  undo: [
    'iptables -D FORWARD -d 192.168.0.3 -p tcp --dport 80 -m conntrack --ctorigdst 10.96.0.10 -m comment --comment "default/web has no local endpoints" -j DROP',
  ],
  probe: { destination: SERVICE, protocol: 'tcp' },
  expect: { cause: ['svc-etp-local-drop'], link: ['veth-host', 'bridge'], stage: 'forward', way: 'forward' },
};
