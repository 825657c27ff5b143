import { inNetns } from '../host/in-netns.js';
import { parseSysctls } from '../parse/sysctl.js';
import type { Collector } from './collector.js';
import { runArtifact } from './run-artifact.js';

const ROOT = '/proc/sys/net';

/**
 * One recursive grep reads all devices' settings: 0.85 ms for each device, a quarter of the time of `sysctl -a`. The
 * tables of neighbour settings of each device are left out, they are a third of all files.
 */
const COMMAND = [
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
  `${ROOT}/ipv4/conf`,
  `${ROOT}/ipv6/conf`,
  `${ROOT}/bridge`,
  `${ROOT}/netfilter`,
];

/** Files that can only be written or do not exist make grep exit with 2; a namespace without any has exit code 1. */
const EXIT_CODES = [0, 1, 2];

export const sysctls: Collector<'sysctls'> = {
  artifact: 'sysctls',
  commands: (netns) => [inNetns(netns, COMMAND)],
  collect: async (netns, options) => {
    const artifact = await runArtifact(netns, COMMAND, { ...options, exitCodes: EXIT_CODES }, parseSysctls);
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
