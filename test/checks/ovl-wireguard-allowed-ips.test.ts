import { ovlWireguardAllowedIps } from '../../checks/overlay/ovl-wireguard-allowed-ips.js';
import type { WireguardPeer } from '../../src/model/wireguard-peer.js';
import { testCheck } from '../helpers/check-cases.js';
import { type Edit, edited, link, role } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const textbook = recorded('textbook');
const uplink = textbook.path.hops.find((hop) => hop.role === 'uplink')?.id ?? '';

const peers =
  (...all: readonly (readonly string[])[]): Edit =>
  (evidence) => {
    const value: readonly WireguardPeer[] = all.map((networks) => ({ device: 'eth0', networks }));
    const { host, ...others } = evidence.before;
    if (!host) throw new Error('no state of the host');
    return {
      ...evidence,
      before: { ...others, host: { ...host, wireguardPeers: { ok: true, value, command: ['wg'], ms: 0 } } },
    };
  };

/** The way out is a WireGuard device. */
const wireguard = edited(
  textbook,
  link('host', 'eth0', () => ({ kind: 'wireguard' })),
  role(uplink, 'tunnel'),
);

const finding = {
  cause: 'ovl-wireguard-allowed-ips',
  place: {
    link: 'tunnel – outside',
    stage: 'wire',
    way: 'forward',
    netns: 'host',
    device: 'eth0',
    object: 'allowed-ips of eth0',
  },
  loses: ['tunnel – outside forward'],
  proof: 'read asked',
  remedies: ['instruction'],
} as const;

testCheck(ovlWireguardAllowedIps, {
  fails: [
    {
      name: 'no peer has a network with the destination',
      evidence: edited(wireguard, peers(['10.42.1.0/24', 'fd00:42::/64'], ['203.0.113.4/32'])),
      findings: [finding],
    },
    { name: 'a peer that takes nothing', evidence: edited(wireguard, peers([])), findings: [finding] },
  ],
  passes: [
    {
      name: 'one of the peers takes it',
      evidence: edited(wireguard, peers(['10.42.1.0/24'], ['10.42.2.0/24', '203.0.113.0/24'])),
      because: 'a peer of eth0 takes 203.0.113.5',
    },
    {
      name: 'a peer that takes everything',
      evidence: edited(wireguard, peers(['0.0.0.0/0'])),
      because: 'a peer of eth0 takes 203.0.113.5',
    },
  ],
  notApplicable: [
    { name: 'without wg, no peer is known', evidence: wireguard, reason: 'no peer of eth0 is known' },
    {
      name: 'another way out',
      evidence: edited(textbook, peers(['10.42.1.0/24'])),
      reason: 'the host sends the packets to no WireGuard device',
    },
  ],
});
