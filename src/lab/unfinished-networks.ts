import { uplink } from './topologies/textbook.js';
import type { Topology } from './topology.js';

/**
 * A host with an uplink and no container: what a learner completes by hand. `target` is the namespace that the learner
 * makes, so nothing is answered yet, and it is no member of the practice networks, which are healthy.
 */
export const bare: Topology = {
  id: 'bare',
  title: 'a host with an uplink, and no container yet',
  namespaces: ['outside'],
  steps: [...uplink, { netns: 'host', commands: ['sysctl -qw net.ipv4.ip_forward=0'] }],
  target: 'net1',
  destination: '203.0.113.5',
};

/** Networks that are not complete, sorted by id. */
export const unfinishedNetworks: readonly Topology[] = [bare];
