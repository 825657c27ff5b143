import { inNetns } from '../host/in-netns.js';
import { parseProcNetCounters } from '../parse/proc-net.js';
import type { Collector } from './collector.js';
import { runArtifact } from './run-artifact.js';

const COMMAND = [
  'cat',
  ...['snmp', 'netstat', 'snmp6', 'softnet_stat', 'stat/nf_conntrack', 'stat/arp_cache', 'stat/ndisc_cache'].map(
    (file) => `/proc/net/${file}`,
  ),
];

/** A kernel without IPv6 has no snmp6 and no ndisc_cache, one without conntrack no nf_conntrack: `cat` then ends with 1, after the others. */
export const counters: Collector<'counters'> = {
  artifact: 'counters',
  commands: (netns) => [inNetns(netns, COMMAND)],
  collect: async (netns, options) => {
    const artifact = await runArtifact(netns, COMMAND, { ...options, exitCodes: [0, 1] }, parseProcNetCounters);
    if (!artifact.ok || 'Ip.InReceives' in artifact.value) return artifact;
    return { ok: false, reason: 'failed', message: 'no /proc/net/snmp', command: artifact.command, ms: artifact.ms };
  },
};
