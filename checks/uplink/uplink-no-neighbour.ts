import type { Finding } from '../../src/model/finding.js';
import { hopOf, lastRouter, originLink } from '../../src/model/path-queries.js';
import type { LinkState } from '../../src/model/state.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { losesQuestion } from '../support/frame-drops.js';
import { isPrivate } from '../support/nat.js';
import { deadNextHop, isOffLink, isSilent, lostAtNextHop, resolvedNextHop } from '../support/next-hop.js';
import { askedProof } from '../support/proofs.js';
import { seenErrorProof } from '../support/seen-errors.js';

const DEFAULTS = ['0.0.0.0/0', '::/0'];

export const uplinkNoNeighbour = defineCheck({
  meta: {
    id: 'uplink-no-neighbour',
    code: 'V6003',
    title: "the host's next hop answers ARP",
    covers: [
      'uplink-no-neighbour',
      'host-gateway-unreachable',
      'uplink-arp-blocked-by-switch',
      'host-arp-announce-upstream-drop',
    ],
    requires: ['host.links', 'host.routes', 'host.addresses'],
    references: ['man 8 ip-neighbour', 'RFC 826', 'RFC 4861'],
  },
  page: {
    meaning:
      "The host's next hop on the uplink does not answer ARP: it is dead, has another address, or something swallows the question.",
    path: 'FORWARD -> POSTROUTING -> neighbour: "who has GATEWAY" goes out, nothing comes back; the packets wait and are dropped after 3 s with "host unreachable".',
    decided:
      'The neighbour entry of the next hop is FAILED or INCOMPLETE after the probe, and the questions are seen on the uplink without an answer.',
    byHand: ['ip route get 203.0.113.5', 'ip neigh show dev eth0', 'tcpdump -p -ni eth0 arp'],
    origins: [
      'a wrong gateway address',
      'the gateway is down',
      'port security or ARP inspection on the switch',
      'a wrong VLAN on the switch port',
    ],
    fixes: [
      'ip route replace default via RIGHT-GATEWAY: where the address is wrong',
      'the switch or the gateway itself: where it is right',
    ],
    prevention: 'Gateway redundancy (VRRP), and monitoring of the neighbour state.',
    lab: 'host-gateway-unreachable',
  },
  run(artifacts, context) {
    if (stepsOf(context.walk, 'route').every((step) => step.netns !== 'host'))
      return notApplicable('nothing is routed on this path');
    const foreign = repliesToAnotherMac(context, artifacts['host.links']);
    if (foreign) return fail(staleUpstream(context, foreign));
    const dead = deadNextHop(context, artifacts['host.links']);
    if (!dead) {
      const resolved = resolvedNextHop(context);
      return resolved
        ? pass(`the host's next hop ${resolved} answers ARP`)
        : notApplicable('no next hop was asked for');
    }
    if (context.flow.dns && dead.address === context.flow.destination)
      return notApplicable('the silent neighbour is the DNS server, at which a check of its own looks');
    const { answer } = dead.step.detail;
    if (answer.candidates.length > 1 && answer.candidates.some((hop) => !isSilent(context, hop)))
      return notApplicable('another next hop of the same route answers');
    if (losesQuestion(context, dead.step.link))
      return notApplicable('a rule of this host loses the question or its answer');
    if (dead.link?.kind === 'veth' && dead.link.master !== null)
      return notApplicable(`${dead.device} leads to a container`);
    if (dead.link && !dead.link.flags.includes('LOWER_UP')) return notApplicable(`${dead.device} has no carrier`);
    if (answer.rule && answer.rule.table !== 'main' && answer.rule.table !== 'local' && answer.rule.table !== 'default')
      return notApplicable('a policy rule chose this next hop');
    const outside = artifacts['host.routes'].find(
      (route) => route.table === 'main' && DEFAULTS.includes(route.destination) && route.family === context.flow.family,
    );
    const specific = answer.route !== null && !DEFAULTS.includes(answer.route.destination);
    if (specific && outside && outside.nexthops[0]?.dev !== dead.device)
      return notApplicable('a route to another network took the packet');
    if (isPrivate(context.flow.destination) && isOffLink(dead, artifacts['host.addresses']))
      return notApplicable(`${dead.address} lies in no network of ${dead.device}`);
    const lost = lostAtNextHop(context, dead);
    return fail({
      cause: 'uplink-no-neighbour',
      title: `the next hop ${dead.address} on ${dead.device} does not answer ARP`,
      ...lost,
      proof: [
        ...lost.proof,
        ...(context.control?.failure === null && context.control.answered === 0
          ? [
              {
                kind: 'control' as const,
                text: 'the same probe from the host itself is not answered either',
                command: context.control.command,
              },
            ]
          : []),
        ...askedProof(context, 'route-forward', 'host'),
        ...seenErrorProof(context, 3),
      ],
      remedies: [
        {
          kind: 'instruction',
          title: dead.onLink
            ? `${dead.address} is on the network of ${dead.device}: see that it is up and on the same VLAN`
            : `see that ${dead.address} is the right gateway (ip route replace default via GATEWAY) and that it is up`,
          netns: 'host',
          commands: [],
          undo: [],
          risk: 'medium',
          riskText: "the host's own traffic uses the same next hop",
        },
      ],
      notes: ['the container gets "host unreachable" only after 3 s, so short probes see a time-out'],
    });
  },
});

interface ForeignMac {
  readonly device: LinkState;
  /** Address that the replies were sent to. */
  readonly mac: string;
  readonly replies: number;
}

/** Replies that came in by the uplink in frames for another MAC than its own: the kernel takes them for somebody else's. */
const repliesToAnotherMac = (context: CheckContext, links: readonly LinkState[]): ForeignMac | null => {
  const hop = hopOf(context.path, 'uplink');
  const device = links.find(({ ifname }) => ifname === hop?.ifname);
  if (hop?.netns !== 'host' || hop.inside || !device || device.address === null || device.master !== null) return null;
  const foreign = context.sightings.filter(
    ({ hop: at, kind, packet }) =>
      at === hop.id &&
      kind === 'reply' &&
      packet.macSource !== device.address &&
      packet.macDestination !== null &&
      packet.macDestination !== device.address,
  );
  const mac = foreign[0]?.packet.macDestination;
  return mac ? { device, mac, replies: foreign.length } : null;
};

const staleUpstream = (context: CheckContext, { device, mac, replies }: ForeignMac): Finding => {
  const link = lastRouter(context.path)?.link ?? originLink(context.path).id;
  const source = context.walk.atUplink?.source ?? 'ADDRESS';
  return {
    cause: 'host-arp-announce-upstream-drop',
    title: `replies come to ${device.ifname} for ${mac}, not for its own MAC`,
    place: { link, stage: 'prerouting', way: 'return', netns: 'host', device: device.ifname },
    loses: [{ link, way: 'return' }],
    proof: [
      {
        kind: 'seen',
        text: `${replies} replies with the destination MAC ${mac} on ${device.ifname}`,
        command: ['tcpdump', '-p', '-e', '-ni', device.ifname, 'host', context.flow.destination],
      },
      {
        kind: 'read',
        text: `${device.ifname} has the MAC ${device.address}`,
        command: ['ip', '-br', 'link', 'show', device.ifname],
      },
    ],
    remedies: [
      {
        kind: 'instruction',
        title: `tell the router upstream the right MAC: arping -U -c 3 -I ${device.ifname} ${source}, or delete its entry for ${source}`,
        netns: 'host',
        commands: [],
        undo: [],
        risk: 'low',
        riskText: 'nothing is changed here',
      },
    ],
    notes: ['a capture shows these replies, and the kernel still drops them: they are for another host'],
  };
};
