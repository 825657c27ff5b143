import type { Fault } from '../fault.js';

export const ctrRpFilter: Fault = {
  id: 'ctr-rp-filter',
  title: 'the answer comes back by the second device of the container, which checks the way back',
  topology: 'textbook',
  break: [
    'ip link add br1 type bridge',
    'ip addr add 10.10.0.1/24 dev br1',
    'ip link set br1 up',
    'ip link add veth9_p type veth peer name eth1 netns net1',
    'ip link set veth9_p master br1 up',
    'ip netns exec net1 ip addr add 10.10.0.2/24 dev eth1',
    'ip netns exec net1 ip link set eth1 up',
    'ip route add 192.168.0.2/32 via 10.10.0.2',
    'ip netns exec net1 sysctl -qw net.ipv4.conf.all.rp_filter=1',
  ],
  undo: [
    'ip netns exec net1 sysctl -qw net.ipv4.conf.all.rp_filter=0',
    'ip route del 192.168.0.2/32 via 10.10.0.2',
    'ip link del veth9_p',
    'ip link del br1',
  ],
  expect: { cause: ['ctr-rp-filter', 'ctr-return-route'], link: ['bridge', 'uplink'], stage: 'route', way: 'return' },
};
