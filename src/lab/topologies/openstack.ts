import type { Step, Topology } from '../topology.js';
import { DESTINATION, translated, uplink, warmUp } from './textbook.js';

const RUN = '/run/openvswitch';

/**
 * Open vSwitch in user space, for kernels without its module: the database and the switch run in the lab alone, and end
 * with it. The device of its bridge is a tap, which the kernel routes.
 * @see https://docs.openvswitch.org/en/latest/intro/install/userspace/
 */
const openVswitch: Step = {
  netns: 'host',
  commands: [
    `mkdir ${RUN}`,
    `ovsdb-tool create ${RUN}/conf.db /usr/share/openvswitch/vswitch.ovsschema`,
    `ovsdb-server ${RUN}/conf.db --remote=punix:${RUN}/db.sock --unixctl=${RUN}/ovsdb-server.ctl --log-file=/dev/null </dev/null >/dev/null 2>&1 &`,
    `for i in $(seq 100); do [ -S ${RUN}/db.sock ] && break; sleep 0.05; done`,
    'ovs-vsctl --no-wait init',
    `ovs-vswitchd unix:${RUN}/db.sock --unixctl=${RUN}/ovs-vswitchd.ctl --log-file=/dev/null --disable-system </dev/null >/dev/null 2>&1 &`,
    'ovs-vsctl --timeout=20 add-br br-int -- set bridge br-int datapath_type=netdev fail_mode=standalone',
  ],
};

/**
 * Shell command that makes a device fill in checksums itself, which Open vSwitch in user space does not do: what
 * `ethtool -K DEVICE tx off` does. @see linux/ethtool.h, ETHTOOL_STXCSUM
 */
const checksummed = (device: string): string =>
  `perl -e 'socket my $s, 2, 2, 0; my $v = pack "LL", 0x17, 0; my $r = pack "a16p", "${device}", $v; ioctl($s, 0x8946, $r) or die "$!"'`;

/**
 * As OpenStack has it with iptables for its security groups: tap - qbr - qvb/qvo - br-int, whose device is the gateway. The
 * host itself must not answer ARP on qvo, of which the kernel sees the frames as well. Its router is not in a namespace of
 * its own here, so qbr hands nothing to iptables: a packet that conntrack knows from there would not be masqueraded.
 */
const integration: readonly Step[] = [
  {
    netns: 'host',
    commands: [
      'sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-arptables=0',
      'ip link add qbr1 type bridge',
      'ip link set qbr1 up',
      'ip link add tap1 type veth peer name eth0 netns net1',
      'ip link add qvb1 type veth peer name qvo1',
      'sysctl -qw net.ipv4.conf.qvo1.arp_ignore=8',
      checksummed('qvb1'),
      'ip link set qvb1 up',
      'ip link set qvo1 up',
      'ip link set tap1 master qbr1 up',
      'ip link set qvb1 master qbr1',
      'ovs-vsctl --timeout=20 add-port br-int qvo1',
      'ip addr add 192.168.0.1/24 dev br-int',
      'ip link set br-int up',
    ],
  },
  {
    netns: 'net1',
    commands: [
      checksummed('eth0'),
      'ip addr add 192.168.0.2/24 dev eth0',
      'ip link set eth0 up',
      'ip route add default via 192.168.0.1',
    ],
  },
];

const withoutBridge = translated.map((step) => ({
  ...step,
  commands: step.commands.map((command) => command.replaceAll('br0', 'br-int')),
}));

export const openstack: Topology = {
  id: 'openstack',
  title: 'one container behind qbr and qvb/qvo on Open vSwitch, as OpenStack connects it',
  namespaces: ['net1', 'outside'],
  steps: [...uplink, openVswitch, ...integration, ...withoutBridge, ...warmUp],
  target: 'net1',
  destination: DESTINATION,
  rootOnly: true,
};
