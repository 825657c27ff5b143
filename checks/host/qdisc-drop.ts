import type { Remedy } from '../../src/model/finding.js';
import type { Way } from '../../src/model/flow.js';
import type { NetnsRef } from '../../src/model/netns.js';
import type { Hop } from '../../src/model/path.js';
import type { QdiscState } from '../../src/model/state.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';

/** Devices by which packets go out, on each way. */
const SENDS: Readonly<Record<Way, readonly Hop['role'][]>> = {
  forward: ['container', 'uplink'],
  return: ['bridge', 'veth-host'],
};

export const qdiscDrop = defineCheck({
  meta: {
    id: 'qdisc-drop',
    code: 'V3518',
    title: 'no queueing discipline drops the packets',
    covers: ['qdisc-drop', 'br-htb-direct-qlen-0', 'ctr-tc-ratelimit', 'veth-tc-bandwidth', 'uplink-qdisc-drop'],
    requires: ['host.qdiscs', 'target.qdiscs'],
    references: ['man 8 tc', 'man 8 tc-htb', 'man 8 tc-tbf'],
  },
  page: {
    meaning:
      'The queueing discipline of a device drops packets before they are sent: its queue is full, or has no room.',
    path: 'device -> qdisc: over its limit -> dropped (before tcpdump sees the packet go out).',
    decided: 'The captures lose the packets at that device, and the drop counter of its qdisc moved by as many.',
    byHand: ['tc -s qdisc show dev DEVICE', 'tc -s class show dev DEVICE'],
    origins: [
      'a rate limit that is smaller than the traffic',
      'htb with a default class that does not exist, and no direct queue',
      'a bandwidth annotation of a pod',
    ],
    fixes: [
      'tc qdisc del dev DEVICE root: no limit at all; fix does it where tc can put back the whole setting (tbf, htb without classes)',
      'a higher rate or a longer queue: tc qdisc change',
    ],
    prevention: 'Watch the drop counters of limited devices.',
    lab: 'br-htb-direct-qlen-0',
  },
  run(artifacts, context) {
    const dropping = (['forward', 'return'] as const)
      .flatMap((way) => sendersOn(context, way))
      .find(({ dropped, link, way }) => dropped > 0 && dropped >= lostAt(context, link, way));
    if (context.located.lost === 0) return notApplicable('nothing is lost');
    if (!dropping) return pass('no queueing discipline dropped packets during the probe');
    const { hop, link, way, kind, dropped } = dropping;
    const netns = context.netns(hop.netns);
    const read = hop.netns === 'host' || hop.netns === 'target' ? artifacts[`${hop.netns}.qdiscs`] : [];
    return fail({
      cause: causeOf(hop.role, kind),
      title: `the queue of ${hop.ifname} (${kind}) dropped ${dropped} packets during the probe`,
      place: { link, stage: 'qdisc', way, netns: hop.netns, device: hop.ifname },
      loses: [{ link, way }],
      proof: [
        {
          kind: 'counted',
          text: `qdisc ${kind} at the root of ${hop.ifname}: ${dropped} more dropped`,
          command: inside(netns, ['tc', '-s', 'qdisc', 'show', 'dev', hop.ifname]),
        },
      ],
      remedies: [remedyOf(netns, hop.ifname, read)],
    });
  },
});

interface Sender {
  readonly hop: Hop & { readonly ifname: string };
  readonly link: string;
  readonly way: Way;
  readonly kind: string;
  readonly dropped: number;
}

const sendersOn = (context: CheckContext, way: Way): readonly Sender[] =>
  context.path.hops.flatMap((hop) => {
    const { ifname } = hop;
    if (ifname === null || !SENDS[way].includes(hop.role)) return [];
    const link = context.path.links.find(({ from, to }) => (way === 'forward' ? to : from) === hop.id);
    const qdisc = context.qdisc(hop.netns, ifname);
    return link && qdisc ? [{ hop: { ...hop, ifname }, link: link.id, way, ...qdisc }] : [];
  });

/**
 * Probes that the captures lost on a link; at least one, so that a link without loss is not blamed for others' drops. All that
 * were lost, where no capture saw anything.
 */
const lostAt = ({ located, path }: CheckContext, link: string, way: Way): number => {
  const isSeen = located.counts.some(
    ({ hop, trusted }) => trusted && path.hops.some(({ id, role }) => id === hop && role !== 'socket'),
  );
  if (!isSeen) return located.lost;
  const broken = way === 'forward' ? located.forwardBreak : located.returnBreak;
  if (broken?.link === link && located.way === way) return located.lost;
  return located.lossy.find((loss) => loss.link === link && loss.way === way)?.lost ?? Number.POSITIVE_INFINITY;
};

const causeOf = (role: Hop['role'], kind: string): string => {
  if (role === 'bridge') return kind === 'htb' ? 'br-htb-direct-qlen-0' : 'qdisc-drop';
  if (role === 'uplink') return 'uplink-qdisc-drop';
  return role === 'container' ? 'ctr-tc-ratelimit' : 'veth-tc-bandwidth';
};

/** Taken away where its whole setting can be put back: one that has no other below it, and no class of its own. */
const remedyOf = (netns: NetnsRef, device: string, read: readonly QdiscState[]): Remedy => {
  const root = read.find(({ dev, parent }) => dev === device && parent === null);
  const hasChild = read.some(({ dev, parent }) => dev === device && root && parent?.startsWith(root.handle));
  const words = root === undefined || hasChild ? null : wordsOf(root);
  const at = (verb: 'add' | 'del', more: readonly string[]) =>
    inside(netns, ['tc', 'qdisc', verb, 'dev', device, 'root', ...more]);
  if (root === undefined || words === null)
    return {
      kind: 'instruction',
      title: `raise its rate or its queue, or take the limit away: ${at('del', []).join(' ')}`,
      netns: netns.id,
      commands: [],
      undo: [],
      risk: 'medium',
      riskText: 'the limit may be there on purpose; its classes and filters go with it',
    };
  return {
    kind: 'runtime',
    title: root.kind === 'htb' ? `take the queue of ${device} away` : `take the limit of ${device} away`,
    netns: netns.id,
    commands: [at('del', [])],
    undo: [at('add', ['handle', root.handle, ...words])],
    risk: 'medium',
    riskText:
      root.kind === 'htb'
        ? 'somebody set this queue: without a class it limits nothing, and classes that come later need it'
        : `somebody set this limit of ${bitRate(Number(root.options['rate']))}: without it ${device} sends as fast as it can`,
  };
};

const bitRate = (bytesPerSecond: number): string => `${(bytesPerSecond * 8) / 1000} kbit/s`;

/** The words of tc for a tbf without a peak rate, and for an htb that sends all by its direct queue; else `null`. */
const wordsOf = ({ kind, options }: QdiscState): readonly string[] | null => {
  const { rate, burst, lat, peakrate, r2q, default: fallback, direct_qlen: room } = options;
  if (kind === 'tbf' && typeof rate === 'number' && typeof burst === 'number' && typeof lat === 'number') {
    const limit = burst + Math.round((rate * lat) / 1_000_000);
    return peakrate === undefined ? ['tbf', 'rate', `${rate}bps`, 'burst', `${burst}b`, 'limit', `${limit}b`] : null;
  }
  return kind === 'htb' && Number(fallback) === 0 && typeof room === 'number'
    ? ['htb', 'r2q', `${r2q}`, 'default', '0', 'direct_qlen', `${room}`]
    : null;
};
