import type { Proof, Remedy } from '../../src/model/finding.js';
import type { NetnsId } from '../../src/model/netns.js';
import type { Hop } from '../../src/model/path.js';
import { hopOf, wireLink } from '../../src/model/path-queries.js';
import type { HookPacket, RuleRef } from '../../src/netfilter/types.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { acceptCommands } from '../support/accept.js';
import { inside } from '../support/commands.js';
import { programOf } from '../support/owned-chain.js';
import { controlProof, listCommand, ruleName } from '../support/proofs.js';

export const badChecksum = defineCheck({
  meta: {
    id: 'bad-checksum',
    code: 'V6530',
    title: 'TCP segments leave with a right checksum',
    covers: ['uplink-bad-checksum'],
    requires: ['host.links'],
    references: ['RFC 9293 §3.1', 'man 8 ethtool (-K)'],
  },
  page: {
    meaning: 'TCP segments leave this host with a wrong checksum, and whoever receives them drops them without a word.',
    path: 'FORWARD -> POSTROUTING -> uplink: the checksum is wrong -> the receiver counts InCsumErrors and drops.',
    decided:
      'The captures read it: each SYN at the uplink has a checksum that is neither right nor the one that the kernel leaves for the device to finish, and none is answered.',
    byHand: [
      'tcpdump -p -vvni UPLINK tcp: "incorrect" alone is normal on the sender, where the device finishes it',
      'ethtool -k UPLINK',
      'nft list ruleset | grep checksum',
    ],
    origins: [
      'a broken checksum offload of a NIC or of a virtual one',
      'a rule or a BPF program that rewrites packets, and not their checksum',
      'DHCP or NAT tools that send from a packet socket',
    ],
    fixes: [
      'ethtool -K DEVICE tx off: the kernel makes the checksum',
      'the rule or program that rewrites, mended',
      'an accept for these segments before a rule that writes their checksum',
    ],
    prevention: 'Watch InCsumErrors on receivers after changes of drivers.',
    lab: 'uplink-bad-checksum',
  },
  run(_artifacts, context) {
    const wire = wireLink(context.path);
    const uplink = hopOf(context.path, 'uplink');
    if (context.flow.protocol !== 'tcp' || !wire || !uplink) return notApplicable('no TCP segment leaves the host');
    const bad = probesAt(context, uplink, true);
    if (bad.size === 0) return notApplicable('no segment with a wrong checksum was seen on the uplink');
    if (context.located.answered > 0 || bad.size < context.located.lost)
      return pass('segments are answered, or lost with a right checksum too');
    const index = context.path.hops.findIndex((hop) => probesAt(context, hop, true).size > 0);
    const first = context.path.hops[index] ?? uplink;
    const before = context.path.hops.slice(0, index).findLast((hop) => probesAt(context, hop, false).size > 0);
    const link = context.path.links.find(({ to }) => to === first.id) ?? wire;
    const stage = link.stages.includes('postrouting') ? 'postrouting' : (link.stages.at(-1) ?? 'wire');
    const writers = before ? writersOn(context, link.id) : [];
    return fail({
      cause: 'uplink-bad-checksum',
      title: `TCP segments leave ${uplink.ifname} with a wrong checksum`,
      place: {
        link: link.id,
        stage,
        way: 'forward',
        netns: first.netns,
        ...(first.ifname ? { device: first.ifname } : {}),
      },
      loses: [
        { link: wire.id, way: 'forward' },
        { link: wire.id, way: 'return' },
      ],
      proof: [
        {
          kind: 'seen',
          text: `${bad.size} of ${context.located.sent} SYNs on ${uplink.ifname} have a wrong checksum${before ? `, and a right one on ${before.ifname}` : ''}`,
          command: ['tcpdump', '-p', '-vv', '-ni', uplink.ifname ?? '', 'tcp', 'and', 'host', context.flow.destination],
        },
        ...writers.map(
          ({ rule, netns }): Proof => ({
            kind: 'read',
            text: `${ruleName(rule)}: ${rule.text}`,
            command: inside(context.netns(netns), listCommand(rule)),
          }),
        ),
        ...controlProof(context),
      ],
      remedies: [writers.length > 0 ? leaveAlone(context, writers) : findIt(before, first)],
      notes: ['echoes pass: their checksum is another one'],
    });
  },
});

/** Numbers of the requests that a hop saw with a wrong checksum, or with one that is not. */
const probesAt = ({ sightings }: CheckContext, { id }: Hop, isWrong: boolean): ReadonlySet<number | null> =>
  new Set(
    sightings
      .filter(
        ({ hop, kind, packet }) => hop === id && kind === 'request' && (packet.tcp?.badChecksum === true) === isWrong,
      )
      .map(({ probe }) => probe),
  );

/** A rule that writes the checksum of the segments, where it meets them. */
interface Writer {
  readonly netns: NetnsId;
  readonly rule: RuleRef;
  readonly packet: HookPacket;
}

/** Rules of nftables that surely met the segments on a link, on which they were right before and wrong behind. */
const writersOn = ({ walk }: CheckContext, link: string): readonly Writer[] =>
  stepsOf(walk, 'hook')
    .filter((step) => step.way === 'forward' && step.link === link)
    .flatMap(({ netns, detail }) =>
      detail.walk.met
        .filter((rule) => rule.backend === 'nftables' && programOf(rule) === null && WRITES.test(rule.text))
        .map((rule) => ({ netns, rule, packet: detail.packet })),
    );

const WRITES = /\btcp checksum set /;

/** By then NAT may have given the segments another source: they are known by where they go. */
const leaveAlone = (context: CheckContext, writers: readonly Writer[]): Remedy => {
  const pairs = writers.map(({ netns, rule, packet }) => {
    const { destination, destinationPort, oif } = packet;
    const far = [packet.family === 4 ? 'ip' : 'ip6', 'daddr', destination, 'tcp', 'dport', `${destinationPort}`];
    return acceptCommands(context, netns, rule, { iptables: [], nft: [...(oif ? ['oifname', oif] : []), ...far] });
  });
  return {
    kind: 'runtime',
    title: `keep the segments to ${context.flow.destination}:${context.flow.port} away from the rule that writes a checksum`,
    netns: writers[0]?.netns ?? 'host',
    commands: pairs.map(({ add }) => add),
    undo: pairs.toReversed().map(({ undo }) => undo),
    risk: 'low',
    riskText: 'they skip the rest of that chain; lost at the next reload of the rules',
  };
};

const findIt = (before: Hop | undefined, first: Hop): Remedy => ({
  kind: 'instruction',
  title: `find what changes the segments ${before ? `between ${before.ifname} and ${first.ifname}` : `before ${first.ifname}`}: nft list ruleset (checksum set), programs of tc, or an offload (ethtool -K ${first.ifname} tx off)`,
  netns: first.netns,
  commands: [],
  undo: [],
  risk: 'low',
  riskText: 'without the offload the kernel computes each checksum itself',
});
