import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { addressIn } from '../../src/routing/network.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { askedProof } from '../support/proofs.js';
import { seenErrorProof } from '../support/seen-errors.js';

export const ovlWireguardAllowedIps = defineCheck({
  meta: {
    id: 'ovl-wireguard-allowed-ips',
    code: 'V6670',
    title: 'a peer of the WireGuard device takes the destination',
    covers: ['ovl-wireguard-allowed-ips'],
    requires: ['host.links'],
    references: ['man 8 wg (allowed-ips)', 'https://www.wireguard.com/#cryptokey-routing'],
  },
  page: {
    meaning:
      'A route leads into a WireGuard device, and no peer of it has the destination in its AllowedIPs: the device has no key to send it with.',
    path: 'bridge -> route look-up -> FORWARD -> WireGuard device: no peer for the destination -> dropped, "host unreachable" to the container, "Required key not available" to programs of the host.',
    decided:
      'The device by which the host sends the packets is one of WireGuard, it has peers, and none of their networks, from wg show, holds the destination.',
    byHand: [
      'ip route get DESTINATION',
      'wg show wg0 allowed-ips',
      'ip -s link show wg0 (TX errors)',
      'ping DESTINATION on the host: Required key not available',
    ],
    origins: [
      'AllowedIPs has the addresses of the other nodes and not those of their containers',
      'a network that was added to the routes and not to the peer',
      'two peers with the same network: the last one takes it from the other',
    ],
    fixes: [
      'wg set wg0 peer KEY allowed-ips OLD,NEW: at once; it replaces the list, so all networks have to be named',
      'AllowedIPs in the file of wg-quick or of the agent (netmaker, flannel, Cilium): lasting',
    ],
    prevention: 'Take AllowedIPs and routes from one list, as wg-quick does.',
    lab: null,
  },
  run(artifacts, context) {
    const step = stepsOf(context.walk, 'route').findLast(({ netns, way }) => netns === 'host' && way === 'forward');
    const device = step?.detail.answer.outcome === 'unicast' ? step.detail.answer.dev : null;
    const link = artifacts['host.links'].find(({ ifname }) => ifname === device);
    if (!step || link?.kind !== 'wireguard') return notApplicable('the host sends the packets to no WireGuard device');
    const peers = context.wireguardPeers.filter((peer) => peer.device === link.ifname);
    if (peers.length === 0) return notApplicable(`no peer of ${link.ifname} is known`);
    const { destination } = step.detail.query;
    if (peers.some(({ networks }) => networks.some((network) => addressIn(network, destination))))
      return pass(`a peer of ${link.ifname} takes ${destination}`);
    const hop = context.path.hops.find(({ netns, ifname }) => netns === 'host' && ifname === link.ifname);
    const out = context.path.links.find(({ from }) => from === hop?.id);
    if (!out) return notApplicable(`${link.ifname} is not on the path`);
    const networks = peers.flatMap((peer) => peer.networks);
    return fail({
      cause: 'ovl-wireguard-allowed-ips',
      title: `no peer of ${link.ifname} has ${destination} in its AllowedIPs`,
      place: {
        link: out.id,
        stage: out.stages[0] ?? 'wire',
        way: 'forward',
        netns: 'host',
        device: link.ifname,
        object: `allowed-ips of ${link.ifname}`,
      },
      loses: [{ link: out.id, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `AllowedIPs of the ${peers.length === 1 ? 'peer' : `${peers.length} peers`} of ${link.ifname}: ${networks.join(', ') || 'none'}`,
          command: ['wg', 'show', link.ifname, 'allowed-ips'],
        },
        ...askedProof(context, 'route-forward', 'host'),
        ...seenErrorProof(context, context.flow.family === 6 ? 1 : 3),
      ],
      remedies: [
        {
          kind: 'instruction',
          title: `add the network of ${destination} to the AllowedIPs of the peer behind which it lies: wg set ${link.ifname} peer KEY allowed-ips ITS-NETWORKS,NEW`,
          netns: 'host',
          commands: [],
          undo: [],
          risk: 'medium',
          riskText: 'the command replaces the list of that peer; a network of another peer is taken from it',
        },
      ],
      notes: ['the other side needs the network of the container in its AllowedIPs too, or it drops what it decrypts'],
    });
  },
});
