import type { Fault } from '../fault.js';

export const dnsHostResolverBlocked: Fault = {
  id: 'dns-host-resolver-blocked',
  title: "the host's firewall lets no query of containers to its resolver",
  topology: 'container-dns',
  break: [
    'iptables -A INPUT -i lo -j ACCEPT',
    'iptables -A INPUT -p icmp -j ACCEPT',
    'iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    'iptables -P INPUT DROP',
  ],
  undo: ['iptables -P INPUT ACCEPT', 'iptables -F INPUT'],
  probe: { destination: 'dns://192.168.0.1/example.test', protocol: 'udp' },
  expect: {
    cause: ['dns-host-resolver-blocked', 'nf-rule-drop'],
    link: ['bridge', 'service'],
    stage: 'input',
    way: 'forward',
  },
};
