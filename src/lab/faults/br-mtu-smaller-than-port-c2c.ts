import type { Fault } from '../fault.js';

export const brMtuSmallerThanPortC2c: Fault = {
  id: 'br-mtu-smaller-than-port-c2c',
  title: 'the port of the other container takes smaller packets',
  topology: 'two-containers',
  break: ['ip -n net2 link set eth0 mtu 1000', 'ip link set veth2_p mtu 1000'],
  undo: ['ip -n net2 link set eth0 mtu 1500', 'ip link set veth2_p mtu 1500', 'ip link set br0 mtu 1500'],
  probe: { destination: '192.168.0.3', protocol: 'icmp', size: 1157 },
  expect: {
    cause: ['br-mtu-smaller-than-port-c2c', 'br-mtu'],
    link: ['veth-host', 'bridge-port'],
    stage: 'bridge-forward',
    way: 'forward',
  },
};
