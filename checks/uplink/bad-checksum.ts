import type { Hop } from '../../src/model/path.js';
import { hopOf, wireLink } from '../../src/model/path-queries.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { controlProof } from '../support/proofs.js';

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
    fixes: ['ethtool -K DEVICE tx off: the kernel makes the checksum', 'the rule or program that rewrites, mended'],
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
        ...controlProof(context),
      ],
      remedies: [
        {
          kind: 'instruction',
          title: `find what changes the segments ${before ? `between ${before.ifname} and ${first.ifname}` : `before ${first.ifname}`}: nft list ruleset (checksum set), programs of tc, or an offload (ethtool -K ${first.ifname} tx off)`,
          netns: first.netns,
          commands: [],
          undo: [],
          risk: 'low',
          riskText: 'without the offload the kernel computes each checksum itself',
        },
      ],
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
