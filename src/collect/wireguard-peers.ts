import { pathExists } from '../host/proc.js';
import { WIREGUARD } from '../host/programs.js';
import { parseAllowedIps } from '../parse/wg-show.js';
import type { Collector } from './collector.js';
import { runArtifact } from './run-artifact.js';

/** The one part of `wg show` that is asked for: it has no secret in it. */
const COMMAND = ['wg', 'show', 'all', 'allowed-ips'];

/** Peers of the host's WireGuard devices; none, and nothing asked, where the kernel has not loaded it. Without `wg` none are known. */
export const wireguardPeers: Collector<'wireguardPeers'> = {
  artifact: 'wireguardPeers',
  commands: (netns) => (netns.id === 'host' && pathExists(WIREGUARD) ? [COMMAND] : []),
  collect: async (netns, options) => {
    const none = { ok: true, value: [], command: COMMAND, ms: 0 } as const;
    if (netns.id !== 'host' || !pathExists(WIREGUARD)) return none;
    const read = await runArtifact(netns, COMMAND, options, parseAllowedIps);
    return read.ok || read.reason !== 'missing-tool' ? read : none;
  },
};
