import type { Step, Topology } from '../topology.js';
import { bridged, DESTINATION, translated, uplink, warmUp } from './textbook.js';

/** Where `ip netns exec` and vethoscope look for the container's own files. @see ip-netns(8) */
export const CONTAINER_ETC = '/etc/netns/net1';

/** The line of resolv.conf in the whole network. */
export const NAMESERVER = `nameserver ${DESTINATION}`;

/** The lab's own /etc, so that the machine's is not written to: links to everything that is in it, and files of its own. */
const ownEtc: readonly Step[] = [
  {
    netns: 'host',
    commands: [
      'mkdir /run/etc',
      'mount --rbind /etc /run/etc',
      'mount -t tmpfs -o mode=755 vethoscope-etc /etc',
      'ln -s /run/etc/* /etc/',
      'rm -f /etc/netns /etc/resolv.conf /etc/hosts',
      'echo "127.0.0.1 localhost" >/etc/hosts',
      ': >/etc/resolv.conf',
      `mkdir -p ${CONTAINER_ETC}`,
      `echo "${NAMESERVER}" >${CONTAINER_ETC}/resolv.conf`,
      `echo "192.168.0.1 host.docker.internal" >${CONTAINER_ETC}/hosts`,
    ],
  },
];

/** Docker's resolver inside the container: 127.0.0.11 leads to the port that it has. */
const embedded: readonly Step[] = [
  {
    netns: 'net1',
    commands: [
      'iptables -t nat -A OUTPUT -d 127.0.0.11/32 -p udp --dport 53 -j DNAT --to-destination 127.0.0.11:40053',
    ],
  },
];

export const containerDns: Topology = {
  id: 'container-dns',
  title: 'DNS servers outside, on the host, and inside the container',
  namespaces: ['net1', 'outside'],
  steps: [...uplink, ...bridged, ...translated, ...ownEtc, ...embedded, ...warmUp],
  services: [
    { netns: 'outside', address: DESTINATION, port: 53, kind: 'dns' },
    { netns: 'host', address: '192.168.0.1', port: 53, kind: 'dns' },
    { netns: 'net1', address: '127.0.0.11', port: 40053, kind: 'dns' },
  ],
  target: 'net1',
  destination: DESTINATION,
};
