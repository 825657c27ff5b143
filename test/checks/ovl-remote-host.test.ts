import { ovlRemoteHost } from '../../checks/overlay/ovl-remote-host.js';
import type { Evidence } from '../../src/model/evidence.js';
import type { Way } from '../../src/model/flow.js';
import type { PeerEvidence } from '../../src/model/peer.js';
import { type ExpectedFinding, testCheck } from '../helpers/check-cases.js';
import { recorded, recordedWithPeer } from '../helpers/evidence.js';

const lost = (cause: string, way: Way, proof: string, netns = 'peer'): ExpectedFinding => {
  const other = way === 'forward' ? 'return' : 'forward';
  return {
    cause,
    place: { link: 'uplink – outside', stage: 'outside', way, netns },
    loses: [`uplink – outside ${way}`, `uplink – outside ${other}`],
    proof,
    remedies: ['instruction'],
  };
};

const withPeer = (id: string, edit: (peer: PeerEvidence) => Partial<PeerEvidence>): Evidence => {
  const evidence = recordedWithPeer(id);
  return evidence.peer ? { ...evidence, peer: { ...evidence.peer, ...edit(evidence.peer) } } : evidence;
};

const without = (evidence: Evidence, addresses: readonly string[]): Evidence => {
  const { peer } = evidence.before;
  if (!peer?.addresses.ok || !peer.links.ok) return evidence;
  const value = peer.addresses.value.filter(({ local }) => !addresses.includes(local));
  const links = peer.links.value.map((link) => ({ ...link, address: link.kind === 'vxlan' ? null : link.address }));
  return {
    ...evidence,
    before: {
      ...evidence.before,
      peer: { ...peer, addresses: { ...peer.addresses, value }, links: { ...peer.links, value: links } },
    },
  };
};

testCheck(ovlRemoteHost, {
  fails: [
    {
      name: 'an old address in the forwarding database is told by the MAC that the other host has',
      evidence: recordedWithPeer('ovl-fdb-wrong-vtep'),
      findings: [lost('ovl-fdb-wrong-vtep', 'forward', 'seen read read', 'host')],
    },
    {
      name: 'what leaves one host and does not come to the other is lost between the two',
      evidence: recordedWithPeer('ovl-udp-blocked-underlay'),
      findings: [lost('ovl-udp-blocked-underlay', 'forward', 'seen')],
    },
    {
      name: 'without a tunnel as well',
      evidence: recordedWithPeer('ovl-hostgw-upstream-no-route'),
      findings: [lost('ovl-hostgw-upstream-no-route', 'forward', 'seen')],
    },
    {
      name: 'a firewall of the other host that drops the tunnel is named by its rule',
      evidence: recordedWithPeer('ovl-udp-port-blocked'),
      findings: [lost('ovl-udp-port-blocked', 'forward', 'seen read counted')],
    },
    {
      name: 'another number of the tunnel is read on both sides',
      evidence: recordedWithPeer('ovl-vni-mismatch'),
      findings: [lost('ovl-vni-mismatch', 'forward', 'seen read read')],
    },
    {
      name: 'wrong checksums are counted by the other host',
      evidence: recordedWithPeer('ovl-bad-udp-checksum'),
      findings: [lost('ovl-bad-udp-checksum', 'forward', 'seen counted')],
    },
    {
      name: 'the reverse-path check of the other host is named with the route that it wants',
      evidence: recordedWithPeer('ovl-rp-filter'),
      findings: [lost('ovl-rp-filter', 'forward', 'seen read read counted')],
    },
    {
      name: 'what the other host does not forward comes out of its tunnel and goes no further',
      evidence: recordedWithPeer('ovl-remote-forward-drop'),
      findings: [lost('ovl-remote-forward-drop', 'forward', 'seen read counted')],
    },
    {
      name: 'an answer without a route back is lost on the return',
      evidence: recordedWithPeer('ovl-remote-route-missing'),
      findings: [lost('ovl-remote-route-missing', 'return', 'seen read')],
    },
    {
      name: 'where nothing that was read explains it, only the host is named',
      evidence: withPeer('ovl-remote-route-missing', ({ sightings }) => ({
        sightings: sightings.filter(({ way }) => way === 'forward'),
      })),
      findings: [lost('ovl-remote-host', 'return', 'seen')],
    },
    {
      name: 'from here alone, a tunnel that answers this host but not the container is told by the control',
      evidence: recorded('ovl-rp-filter'),
      findings: [
        {
          cause: 'ovl-remote-host',
          place: { link: 'uplink – outside', stage: 'outside', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['uplink – outside forward', 'uplink – outside return'],
          proof: 'seen control',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'nothing is lost where answers come back',
      evidence: recordedWithPeer('flannel-vxlan'),
      because: 'netns:node2 is not the other end, or loses nothing of what it sees',
    },
    {
      name: 'a host that has neither the address nor the MAC that the tunnel sends to is not blamed',
      evidence: without(recordedWithPeer('ovl-udp-port-blocked'), ['198.51.101.20']),
      because: 'netns:node2 is not the other end, or loses nothing of what it sees',
    },
    {
      name: 'a capture of the other host that lost packets itself proves nothing',
      evidence: withPeer('ovl-udp-port-blocked', ({ captures }) => ({
        captures: captures.map((capture) => ({ ...capture, droppedByKernel: 1 })),
      })),
      because: 'netns:node2 is not the other end, or loses nothing of what it sees',
    },
    { name: 'answers through the tunnel clear it', evidence: recorded('flannel-vxlan'), because: 'answers come back' },
  ],
  notApplicable: [
    {
      name: 'without a tunnel and without the other host there is nothing to tell it by',
      evidence: recorded('ovl-hostgw-upstream-no-route'),
      reason: 'no other host was named, and the flow leaves by no VXLAN device',
    },
    {
      name: 'where this host is not answered either, the network between the two may be at fault',
      evidence: recorded('ovl-udp-port-blocked'),
      reason: 'this host itself is not answered there either',
    },
  ],
});
