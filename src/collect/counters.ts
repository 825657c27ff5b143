import { inNetns } from '../host/in-netns.js';
import { parseProcNetCounters } from '../parse/proc-net.js';
import type { Collector } from './collector.js';
import { runArtifact } from './run-artifact.js';

const COMMAND = ['cat', '/proc/net/snmp', '/proc/net/netstat', '/proc/net/snmp6', '/proc/net/stat/nf_conntrack'];

/** A kernel without IPv6 has no snmp6, one without conntrack no nf_conntrack: `cat` then ends with 1, after the others. */
export const counters: Collector<'counters'> = {
  artifact: 'counters',
  commands: (netns) => [inNetns(netns, COMMAND)],
  collect: async (netns, options) => {
    const artifact = await runArtifact(netns, COMMAND, { ...options, exitCodes: [0, 1] }, parseProcNetCounters);
    if (!artifact.ok || 'Ip.InReceives' in artifact.value) return artifact;
    return { ok: false, reason: 'failed', message: 'no /proc/net/snmp', command: artifact.command, ms: artifact.ms };
  },
};
