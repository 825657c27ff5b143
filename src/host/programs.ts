/** A program that this one runs. */
export interface Program {
  readonly name: string;
  /** Debian package that brings it; `null` where that is not ours to advise. */
  readonly debianPackage: string | null;
  /** Arguments that make it print its version. */
  readonly version: readonly string[];
  /** Whether nothing can be traced without it. */
  readonly needed: boolean;
  /** What is lost without it. */
  readonly costs: string;
  /** Files of which one exists where it is asked for anything; absent for a program that every host needs. */
  readonly onlyWith?: readonly string[];
}

/** Where the database of Open vSwitch listens. @see ovs-vsctl(8), --db */
export const OVS_SOCKET = '/var/run/openvswitch/db.sock';

/** The device of the kernel's datapath of Open vSwitch. @see ovs-dpctl(8) */
const OVS_DATAPATH = '/sys/class/net/ovs-system';

/** Where the kernel has WireGuard: it is loaded with the first device. */
export const WIREGUARD = '/sys/module/wireguard';

const program = (
  name: string,
  debianPackage: string | null,
  needed: boolean,
  costs: string,
  version: readonly string[] = ['--version'],
): Program => ({ name, debianPackage, version, needed, costs });

/** Every program that a trace or a lab runs. */
export const PROGRAMS: readonly Program[] = [
  program('ip', 'iproute2', true, 'no path can be found', ['-V']),
  program('nsenter', 'util-linux', true, "nothing can be read or sent in the container's namespace"),
  program('ping', 'iputils-ping', true, 'no ICMP probe can be sent', ['-V']),
  program(
    'tcpdump',
    'tcpdump',
    false,
    'no packet is seen at any device: only the events and counters of the kernel tell',
  ),
  program('setpriv', 'util-linux', false, 'captures keep all rights of their user'),
  program('timeout', 'coreutils', false, 'captures have no time limit of their own'),
  program('bridge', 'iproute2', false, 'states of bridge ports and their addresses are not read', ['-V']),
  program('tc', 'iproute2', false, 'queueing disciplines and traffic filters are not read', ['-V']),
  program('ss', 'iproute2', false, 'listening sockets are not read', ['-V']),
  program('sysctl', 'procps', false, 'kernel settings are not read'),
  program('iptables-nft-save', 'iptables', false, 'rules of iptables (nft) are not read'),
  program('iptables-legacy-save', 'iptables', false, 'rules of iptables (legacy) are not read'),
  program('nft', 'nftables', false, 'rules of nftables are not read'),
  program('conntrack', 'conntrack', false, 'tracked connections are not read'),
  {
    ...program(
      'ovs-vsctl',
      'openvswitch-switch',
      false,
      'ports and VLANs of Open vSwitch are not read; needed only where it runs, as on this host',
    ),
    onlyWith: [OVS_SOCKET, OVS_DATAPATH],
  },
  {
    ...program(
      'wg',
      'wireguard-tools',
      false,
      'the networks of WireGuard peers are not read; needed only where it runs, as on this host',
    ),
    onlyWith: [WIREGUARD],
  },
  program('docker', null, false, 'containers are not found by name; a PID or a netns name still works'),
  program('flock', 'util-linux', false, 'nothing can be mended: two repairs could meet'),
  program('unshare', 'util-linux', false, 'no lab'),
  program('mount', 'mount', false, 'no lab'),
  program('perl', 'perl-base', false, 'no lab as an ordinary user', ['-e', 'print "$^V\\n"']),
];

/** The programs that count on this host: those of what it does not run are left out. */
export const programsOfHost = (exists: (path: string) => boolean): readonly Program[] =>
  PROGRAMS.filter(({ onlyWith }) => onlyWith?.some(exists) ?? true);

/** The command that installs the packages of programs on Debian; `null` for none. */
export const installCommand = (programs: readonly Program[]): string | null => {
  const packages = [...new Set(programs.flatMap((entry) => entry.debianPackage ?? []))].sort();
  return packages.length === 0 ? null : `apt-get install ${packages.join(' ')}`;
};
