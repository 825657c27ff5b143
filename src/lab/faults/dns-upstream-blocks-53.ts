import type { Fault } from '../fault.js';

export const dnsUpstreamBlocks53: Fault = {
  id: 'dns-upstream-blocks-53',
  title: 'a firewall beyond the uplink drops queries to public DNS servers',
  topology: 'textbook',
  break: [
    'ip netns exec outside iptables -A INPUT -p udp --dport 53 -j DROP',
    'ip netns exec outside iptables -A INPUT -p tcp --dport 53 -j DROP',
  ],
  undo: [
    'ip netns exec outside iptables -D INPUT -p udp --dport 53 -j DROP',
    'ip netns exec outside iptables -D INPUT -p tcp --dport 53 -j DROP',
  ],
  probe: { destination: 'dns://203.0.113.5/example.test', protocol: 'udp' },
  expect: { cause: ['dns-upstream-blocks-53', 'dns-server-unreachable'], link: ['uplink', 'outside'], way: 'forward' },
};
