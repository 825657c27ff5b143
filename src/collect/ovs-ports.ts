import { pathExists } from '../host/proc.js';
import { OVS_SOCKET } from '../host/programs.js';
import { parseOvsPorts } from '../parse/ovs-vsctl.js';
import type { Collector } from './collector.js';
import { runArtifact } from './run-artifact.js';

const COMMAND = [
  ...['ovs-vsctl', '--timeout=2', '-f', 'json'],
  ...['--columns=name,ports', 'list', 'Bridge', '--', '--columns=_uuid,name,tag,trunks', 'list', 'Port'],
];

/** Ports of the bridges of Open vSwitch; none, and nothing asked, where its database does not run. It is the host's own. */
export const ovsPorts: Collector<'ovsPorts'> = {
  artifact: 'ovsPorts',
  commands: (netns) => (netns.id === 'host' && pathExists(OVS_SOCKET) ? [COMMAND] : []),
  collect: async (netns, options) =>
    netns.id === 'host' && pathExists(OVS_SOCKET)
      ? runArtifact(netns, COMMAND, options, parseOvsPorts)
      : { ok: true, value: [], command: COMMAND, ms: 0 },
};
