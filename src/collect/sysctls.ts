import { inNetns } from '../host/in-netns.js';
import type { LinkState } from '../model/state.js';
import { parseSysctls } from '../parse/sysctl.js';
import type { Argv, Collector } from './collector.js';
import { runArtifact } from './run-artifact.js';

const ROOT = '/proc/sys/net';

/** Of no device. */
const COMMON = [
  'grep',
  '-rHs',
  '',
  ...[
    'ip_forward',
    'ip_nonlocal_bind',
    'ip_default_ttl',
    'ip_no_pmtu_disc',
    'ip_local_port_range',
    'ip_early_demux',
    'ping_group_range',
    'fib_multipath_hash_policy',
    'fib_multipath_use_neigh',
    'fwmark_reflect',
    'tcp_fwmark_accept',
    'tcp_l3mdev_accept',
    'tcp_mtu_probing',
    'tcp_timestamps',
    'icmp_echo_ignore_all',
    'icmp_echo_ignore_broadcasts',
    'icmp_errors_use_inbound_ifaddr',
    'icmp_ratelimit',
    'icmp_ratemask',
    'icmp_msgs_per_sec',
  ].map((name) => `${ROOT}/ipv4/${name}`),
  `${ROOT}/core/netdev_max_backlog`,
  `${ROOT}/ipv4/neigh/default`,
  `${ROOT}/ipv6/neigh/default`,
  `${ROOT}/bridge`,
  `${ROOT}/netfilter`,
];

/**
 * One recursive grep reads the settings of devices: 0.85 ms for each, a quarter of the time of `sysctl -a`. The tables of
 * neighbour settings of each device are left out, they are a third of all files; so are veths in a bridge, a thousand on
 * some hosts: IP sees their packets come in by the bridge.
 */
const commandFor = (links: readonly LinkState[] | undefined): Argv => {
  const devices = links?.filter(({ kind, masterKind }) => kind !== 'veth' || masterKind !== 'bridge');
  const folders = devices ? ['all', 'default', ...devices.map(({ ifname }) => ifname)].map((name) => `/${name}`) : [''];
  return [...COMMON, ...['ipv4', 'ipv6'].flatMap((family) => folders.map((name) => `${ROOT}/${family}/conf${name}`))];
};

/** Files that can only be written or do not exist make grep exit with 2; a namespace without any has exit code 1. */
const EXIT_CODES = [0, 1, 2];

export const sysctls: Collector<'sysctls'> = {
  artifact: 'sysctls',
  commands: (netns, { links }) => [inNetns(netns, commandFor(links))],
  collect: async (netns, options) => {
    const command = commandFor(options.links);
    const artifact = await runArtifact(netns, command, { ...options, exitCodes: EXIT_CODES }, parseSysctls);
    if (!artifact.ok || Object.keys(artifact.value).length > 0) return artifact;
    return {
      ok: false,
      reason: 'failed',
      message: `nothing under ${ROOT}`,
      command: artifact.command,
      ms: artifact.ms,
    };
  },
};
