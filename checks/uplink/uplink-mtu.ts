import type { Finding } from '../../src/model/finding.js';
import { isLinkLimit } from '../../src/model/full-size.js';
import { TOO_BIG } from '../../src/model/icmp.js';
import type { Link } from '../../src/model/path.js';
import { lastRouter, wireLink } from '../../src/model/path-queries.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { mtuRemedy } from '../support/mtu.js';
import { seenErrorProof } from '../support/seen-errors.js';
import { isTunnelled } from '../support/tunnel.js';

export const uplinkMtu = defineCheck({
  meta: {
    id: 'uplink-mtu',
    code: 'V6510',
    title: 'the uplink and what follows it carry packets of this size',
    covers: ['nic-mtu-small-df', 'uplink-frame-exceeds-peer-mtu', 'uplink-mtu'],
    requires: ['host.links'],
    references: ['RFC 1191', 'RFC 8201', 'man 8 ip-link (mtu)'],
  },
  page: {
    meaning: 'The uplink, or a link behind it, carries smaller packets than the container sends.',
    path: 'router -> larger than the MTU of the uplink: turned away with "fragmentation needed"; or uplink -> a next hop that drops the frame and says nothing.',
    decided:
      "Large packets with don't-fragment are turned away by name, or get no answer from beyond the uplink while smaller ones do.",
    byHand: ['ip link show dev UPLINK', 'ping -M do -s 1472 DESTINATION', 'tracepath -n DESTINATION'],
    origins: [
      'a tunnel, VPN or overlay whose headers take from 1500 bytes',
      'a virtual switch with a smaller MTU than the port behind it',
      'containers that keep 1500 bytes on a host whose uplink has less',
    ],
    fixes: [
      'ip link set dev UPLINK mtu N: the host then says "fragmentation needed" itself',
      'the MTU of the network in the runtime: containers send no larger packets',
      'iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu: TCP alone',
    ],
    prevention: "Give the runtime's networks the MTU of the smallest link.",
    lab: 'uplink-frame-exceeds-peer-mtu',
  },
  run(artifacts, context) {
    const router = lastRouter(context.path);
    const wire = wireLink(context.path);
    if (!router || !wire || router.oif === null) return notApplicable('the flow does not leave the host');
    if (isTunnelled(context) && !context.tooBig?.from)
      return notApplicable('a check of its own looks at packets that a tunnel wraps');
    if (!context.sent.df) return notApplicable('the packets may be fragmented');
    const uplink = artifacts['host.links'].find(({ ifname }) => ifname === router.oif);
    if (!uplink) return notApplicable(`${router.oif} was not read`);
    const { tooBig, sent, fullSize } = context;
    const passes = fullSize?.passes ?? null;
    if (tooBig?.from && uplink.mtu < sent.bytes) return fail(tooBigHere(context, router.link, uplink));
    if (tooBig?.from) return fail(tooBigThere(context, wire, uplink.ifname));
    const atUplink = context.located.counts.find(({ hop }) => hop === wire.from);
    if (atUplink?.trusted && atUplink.forward === 0) return pass('the packets do not reach the uplink');
    if (passes === null || !isLinkLimit(passes)) return pass('no smaller packet gets farther');
    return fail(silentThere(context, wire, uplink, passes));
  },
});

type Device = { readonly ifname: string; readonly mtu: number };

const byHand = (title: string) =>
  ({
    kind: 'instruction',
    title,
    netns: 'host',
    commands: [],
    undo: [],
    risk: 'low',
    riskText: 'nothing is changed here',
  }) as const;

const tooBigHere = (context: CheckContext, link: string, { ifname, mtu }: Device): Finding => ({
  cause: 'nic-mtu-small-df',
  title: `${ifname} takes ${mtu} bytes at most, the packets have ${context.sent.bytes}`,
  place: { link, stage: 'route', way: 'forward', netns: 'host', device: ifname },
  loses: [{ link, way: 'forward' }],
  proof: [
    { kind: 'read', text: `${ifname}: mtu ${mtu}`, command: ['ip', 'link', 'show', 'dev', ifname] },
    ...seenErrorProof(context, TOO_BIG[context.flow.family].type),
  ],
  remedies: [byHand(`send packets of ${mtu} bytes at most, or let them be fragmented: the container is told so`)],
  notes: ['path MTU discovery works: TCP adapts by itself'],
});

const tooBigThere = (context: CheckContext, wire: Link, device: string): Finding => ({
  cause: 'uplink-mtu',
  title: `${context.tooBig?.from} takes ${context.tooBig?.mtu} bytes at most, the packets have ${context.sent.bytes}`,
  place: { link: wire.id, stage: 'outside', way: 'forward', netns: 'host', device },
  loses: [
    { link: wire.id, way: 'forward' },
    { link: wire.id, way: 'return' },
  ],
  proof: [
    { kind: 'asked', text: `the container was told: path MTU ${context.tooBig?.mtu} bytes` },
    ...seenErrorProof(context, TOO_BIG[context.flow.family].type),
  ],
  remedies: [byHand(`send packets of ${context.tooBig?.mtu} bytes at most, or let them be fragmented`)],
  notes: ['path MTU discovery works: TCP adapts by itself'],
});

const silentThere = (context: CheckContext, wire: Link, { ifname, mtu }: Device, passes: number): Finding => ({
  cause: 'uplink-frame-exceeds-peer-mtu',
  title: `packets over ${passes} bytes are lost without a word beyond ${ifname}`,
  place: { link: wire.id, stage: 'outside', way: 'forward', netns: 'host', device: ifname },
  loses: [{ link: wire.id, way: 'forward' }],
  proof: [
    { kind: 'control', text: `the same echo of ${passes} bytes was answered` },
    { kind: 'read', text: `${ifname}: mtu ${mtu}`, command: ['ip', 'link', 'show', 'dev', ifname] },
  ],
  remedies: [mtuRemedy(context, 'host', ifname, { from: mtu, to: passes })],
  notes: [
    'nobody on the way says "fragmentation needed": TCP stalls after its first full segment',
    `${passes} bytes is the largest of the common sizes that was answered; the limit may lie a little higher`,
  ],
});
