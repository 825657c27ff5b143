import type { Topology } from '../topology.js';
import { bridged, DESTINATION, translated, uplink, warmUp } from './textbook.js';
import { secondContainer } from './two-containers.js';

/** The service, whose one endpoint is net2. */
export const SERVICE = '10.96.0.10:80';

export const kubeService: Topology = {
  id: 'kube-service',
  title: 'a container that uses a service of another, in the chains of kube-proxy',
  namespaces: ['net1', 'net2', 'outside'],
  steps: [
    ...uplink,
    ...bridged,
    ...translated,
    ...secondContainer,
    {
      netns: 'host',
      commands: [
        'iptables -t nat -N KUBE-SERVICES',
        'iptables -t nat -A PREROUTING -j KUBE-SERVICES',
        'iptables -t nat -A OUTPUT -j KUBE-SERVICES',
        'iptables -t nat -N KUBE-SVC-A',
        'iptables -t nat -N KUBE-SEP-1',
        'iptables -t nat -A KUBE-SERVICES -d 10.96.0.10/32 -p tcp --dport 80 -j KUBE-SVC-A',
        'iptables -t nat -A KUBE-SVC-A -j KUBE-SEP-1',
        'iptables -t nat -A KUBE-SEP-1 -p tcp -j DNAT --to-destination 192.168.0.3:80',
      ],
    },
    ...warmUp,
  ],
  services: [{ netns: 'net2', address: '0.0.0.0', port: 80 }],
  target: 'net1',
  destination: DESTINATION,
};
