import type { NetnsId } from '../../src/model/netns.js';
import type { ConntrackEntry } from '../../src/model/state.js';
import type { CheckContext, OnceMended } from '../define-check.js';

/** Whether the flow's first packet belongs to the entry, as it comes to the namespace. */
const isOf = (
  { flow }: Pick<CheckContext, 'flow'>,
  { original: { src, sport, dst, dport } }: Pick<ConntrackEntry, 'original'>,
): boolean => src === flow.source && sport === flow.sourcePort && dst === flow.destination && dport === flow.port;

/** The entry of a namespace that the flow's first packet belongs to; `null` where there is none, or its ports are not known. */
export const entryOf = (context: CheckContext, netns: NetnsId): ConntrackEntry | null =>
  (context.flow.sourcePort === undefined ? [] : (context.conntrack(netns) ?? [])).find((entry) =>
    isOf(context, entry),
  ) ?? null;

/** What the packets meet once the entry is gone: they begin a flow. */
export const withoutEntry =
  (netns: NetnsId, entry: ConntrackEntry): OnceMended =>
  (evidence) => {
    const state = evidence.before[netns];
    if (!state?.conntrack.ok) return evidence;
    const { value } = state.conntrack;
    const entries = value.entries.filter(({ text }) => text !== entry.text);
    const conntrack = { ...state.conntrack, value: { ...value, entries } };
    return { ...evidence, before: { ...evidence.before, [netns]: { ...state, conntrack } } };
  };

/** The whole entry of UDP, as conntrack(8) selects it. */
export const selectionOf = ({ src, sport, dst, dport }: ConntrackEntry['original']): readonly string[] => [
  ...(src.includes(':') ? ['-f', 'ipv6'] : []),
  ...['-p', 'udp', '--orig-src', src, '--orig-dst', dst],
  ...['--orig-port-src', `${sport}`, '--orig-port-dst', `${dport}`],
];

/** `192.168.0.2 port 40001 to 203.0.113.5 port 7777`. */
export const tupleWords = ({ src, sport, dst, dport }: ConntrackEntry['original']): string =>
  `${src} port ${sport} to ${dst} port ${dport}`;
