import type { Finding } from '../../src/model/finding.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { isHostAddress } from '../support/nat.js';
import { unansweredProof } from '../support/proofs.js';
import { type Tunnel, tunnelOf, wrapStage } from '../support/tunnel.js';

export const ovlFdbWrong = defineCheck({
  meta: {
    id: 'ovl-fdb-wrong',
    code: 'V6610',
    title: 'the tunnel knows the other host',
    covers: ['ovl-fdb-wrong', 'ovl-fdb-missing', 'ovl-neigh-missing', 'ovl-same-public-ip'],
    requires: ['host.links', 'host.neighbours', 'host.addresses'],
    references: ['man 8 bridge (fdb)', 'https://docs.kernel.org/networking/vxlan.html'],
  },
  page: {
    meaning:
      'A VXLAN device does not know to which host it must send: the MAC of the next hop, or the address of the host behind that MAC, is missing or wrong.',
    path: 'bridge -> route look-up -> tunnel device: neighbour entry (next hop -> MAC), forwarding database (MAC -> other host) -> uplink.',
    decided:
      'The route leads into a VXLAN device that does not learn. Its neighbour entry for the next hop, or the entry of its forwarding database for that MAC, is not there, or names an address of this very host.',
    byHand: ['ip -d link show flannel.1', 'ip neigh show dev flannel.1', 'bridge fdb show dev flannel.1'],
    origins: [
      'the agent that writes these entries (flanneld, Docker Swarm, kube-router) is stopped or has lost its store',
      'a node was renumbered or replaced',
      'every node advertises the same address, as virtual machines behind NAT do (10.0.2.15)',
    ],
    fixes: [
      'restart the agent: it writes all entries anew',
      'bridge fdb append MAC dev flannel.1 dst NODE: at once',
      'tell the agent which interface to use (flannel --iface=, kubelet --node-ip=): where nodes share an address',
    ],
    prevention: 'Watch the agent; give every node one address of its own on the network between the nodes.',
    lab: 'ovl-neigh-missing',
  },
  run(artifacts, context) {
    const tunnel = tunnelOf(artifacts['host.links'], context);
    if (!tunnel) return notApplicable('the flow leaves by no VXLAN device');
    const { link, mac, remote, nextHop } = tunnel;
    if (!link.flags.includes('UP')) return notApplicable(`${link.ifname} is down`);
    if (link.data['learning'] !== false) return notApplicable(`${link.ifname} asks and learns by itself`);
    if (mac === null) return fail(neighbourMissing(context, tunnel));
    if (remote === null) return fail(entryMissing(context, tunnel, mac));
    if (isHostAddress(artifacts['host.addresses'], remote)) return fail(leadsHere(context, tunnel, mac, remote));
    return pass(`${link.ifname} knows ${nextHop} as ${mac} behind ${remote}`);
  },
});

const byAgent = (title: string) =>
  ({
    kind: 'instruction',
    title,
    netns: 'host',
    commands: [],
    undo: [],
    risk: 'low',
    riskText: 'nothing is changed here',
  }) as const;

const neighbourMissing = (context: CheckContext, { link, nextHop, into }: Tunnel): Finding => {
  const { ifname } = link;
  const entry = context.neighbour('host', ifname, nextHop);
  return {
    cause: 'ovl-neigh-missing',
    title: `${ifname} has no MAC for its next hop ${nextHop}`,
    place: { link: into, stage: 'neighbour', way: 'forward', netns: 'host', device: ifname },
    loses: [{ link: into, way: 'forward' }],
    proof: [
      {
        kind: 'read',
        text: `neighbour ${nextHop} on ${ifname}: ${entry?.states.join(' ') ?? 'no entry'}`,
        command: ['ip', 'neigh', 'show', nextHop, 'dev', ifname],
      },
      { kind: 'read', text: `${ifname}: vxlan nolearning`, command: ['ip', '-d', 'link', 'show', ifname] },
      ...unansweredProof(context, nextHop),
    ],
    remedies: [
      byAgent(
        `restart the agent that writes the entries of ${ifname} (flanneld), or add: ip neigh replace ${nextHop} lladdr MAC dev ${ifname} nud permanent`,
      ),
    ],
  };
};

const entryMissing = (context: CheckContext, { link, nextHop, out }: Tunnel, mac: string): Finding => ({
  cause: 'ovl-fdb-missing',
  title: `${link.ifname} does not know which host has ${mac}`,
  place: {
    link: out,
    stage: wrapStage(context, out),
    way: 'forward',
    netns: 'host',
    device: link.ifname,
  },
  loses: [{ link: out, way: 'forward' }],
  proof: [
    {
      kind: 'read',
      text: `no entry for ${mac}, the MAC of ${nextHop}, and none for all others`,
      command: ['bridge', 'fdb', 'show', 'dev', link.ifname],
    },
    { kind: 'read', text: `${link.ifname}: vxlan nolearning`, command: ['ip', '-d', 'link', 'show', link.ifname] },
  ],
  remedies: [
    byAgent(
      `restart the agent that writes the entries of ${link.ifname}, or add: bridge fdb append ${mac} dev ${link.ifname} dst NODE`,
    ),
  ],
});

const leadsHere = (
  context: CheckContext,
  { link, nextHop, out, into }: Tunnel,
  mac: string,
  remote: string,
): Finding => ({
  cause: 'ovl-same-public-ip',
  title: `${link.ifname} sends to this host itself: ${nextHop} at ${remote}`,
  place: {
    link: out,
    stage: wrapStage(context, out),
    way: 'forward',
    netns: 'host',
    device: link.ifname,
  },
  loses: [
    { link: out, way: 'forward' },
    { link: into, way: 'forward' },
  ],
  proof: [
    {
      kind: 'read',
      text: `${mac} dev ${link.ifname} dst ${remote}`,
      command: ['bridge', 'fdb', 'show', 'dev', link.ifname],
    },
    { kind: 'read', text: `${remote} is an address of this host`, command: ['ip', 'addr', 'show', 'to', remote] },
  ],
  remedies: [
    byAgent(
      'the other node advertises an address that this one has as well: tell the agent of each which interface to use (flannel --iface=)',
    ),
  ],
  notes: ['the packets go round inside of this host until their TTL ends; no NIC ever sees them'],
});
