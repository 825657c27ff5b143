import type { Evidence } from '../model/evidence.js';
import type { ConntrackEntry } from '../model/state.js';
import type { TcpSocket } from '../model/traffic.js';
import { usesConntrack } from '../netfilter/conntrack-use.js';
import { loadNetfilter } from '../netfilter/load.js';

/** What the socket of a connection and conntrack on the way say of it, one line each; empty where none was named. */
export const connectionWords = (evidence: Evidence): readonly string[] => {
  const { traffic, netns, before, flow } = evidence;
  if (!traffic?.socket) return [];
  const { before: then, after } = traffic.socket;
  const trackers = netns.flatMap(({ id, name }) => {
    const state = before[id];
    if (!state || !usesConntrack(loadNetfilter(state), flow.family)) return [];
    if (!state.conntrack.ok) return [`conntrack of ${name} was not read: ${state.conntrack.message}`];
    const entry = state.conntrack.value.entries.find((one) => isEntryOf(one, then));
    return [entry ? `conntrack of ${name}: ${entryText(entry)}` : `conntrack of ${name} does not know the connection`];
  });
  return [
    socketLine(after ?? then),
    ...(after === null ? ['the connection was closed while it was watched'] : []),
    ...trackers,
  ];
};

/** Whether conntrack's entry is that of the connection, whichever end began it. */
export const isEntryOf = (
  { original, reply }: ConntrackEntry,
  { local, localPort, remote, remotePort }: TcpSocket,
): boolean =>
  [original, reply].some(
    ({ src, dst, sport, dport }) => src === local && sport === localPort && dst === remote && dport === remotePort,
  );

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

const socketLine = (socket: TcpSocket): string => {
  const { state, sendQueue, receiveQueue, unacknowledged, retransmitted, timer, rtoMs, lastReceivedMs } = socket;
  return [
    `socket: ${state}, Send-Q ${sendQueue} bytes, Recv-Q ${receiveQueue} bytes`,
    ...(unacknowledged > 0 ? [`${count(unacknowledged, 'segment')} not acknowledged`] : []),
    ...(retransmitted > 0 ? [`${retransmitted} sent again`] : []),
    ...(timer ? [timerText(timer, rtoMs)] : []),
    ...(lastReceivedMs === null || state === 'SYN-SENT' ? [] : [`data came in last ${seconds(lastReceivedMs)} ago`]),
  ].join(', ');
};

const timerText = ({ name, inMs, tries }: NonNullable<TcpSocket['timer']>, rtoMs: number | null): string => {
  const rto = rtoMs === null ? '' : ` (RTO ${seconds(rtoMs)})`;
  switch (name) {
    case 'on':
      return `sends again in ${seconds(inMs)}${rto}${tries > 0 ? ` for the ${ordinal(tries + 1)} time` : ''}`;
    case 'persist':
      return `the window of the other end is closed; it is asked again in ${seconds(inMs)}`;
    case 'keepalive':
      return `asks an idle peer in ${seconds(inMs)}`;
    default:
      return `timer ${name}: ${seconds(inMs)}`;
  }
};

const ordinal = (number: number): string => {
  const tail = number % 100 >= 11 && number % 100 <= 13 ? 'th' : ({ 1: 'st', 2: 'nd', 3: 'rd' }[number % 10] ?? 'th');
  return `${number}${tail}`;
};

/** `ipv4 2 tcp 6 431999 ESTABLISHED src=…`: the fifth word is how many seconds it has left. */
const entryText = ({ state, original, reply, flags, text }: ConntrackEntry): string => {
  const left = /^\S+\s+\d+\s+\S+\s+\d+\s+(\d+)/.exec(text)?.[1];
  const ends = ({ src, sport, dst, dport }: ConntrackEntry['original']): string => `${src}:${sport} to ${dst}:${dport}`;
  return [
    `${state ?? 'no state'}, ${ends(original)}, answers ${ends(reply)}`,
    ...(left === undefined ? [] : [`${left} s left`]),
    ...(flags.length > 0 ? [flags.map((flag) => flag.toLowerCase()).join(' ')] : []),
  ].join(', ');
};

/** Why a connection that lost no packet hangs all the same, or ends; `null` where nothing shows it. */
export const hangsBecause = ({ traffic, flow, target, sightings }: Evidence): string | null => {
  const isReset = sightings.some(({ kind, packet }) => kind === 'reply' && packet.tcp?.flags.includes('RST'));
  if (flow.established && isReset)
    return `${flow.destination} resets the connection: it does not know it any more, or its program has closed it`;
  if (!traffic?.socket) return null;
  const socket = traffic.socket.after ?? traffic.socket.before;
  if (socket.timer?.name === 'persist')
    return `${flow.destination} takes no more data: its window is closed, so its program does not read`;
  if (socket.receiveQueue > 0)
    return `the program in ${target.name} does not read: ${socket.receiveQueue} bytes wait for it`;
  return null;
};

/** Why nothing was seen of a connection, as far as its socket tells. */
export const silentBecause = ({ traffic, flow, target }: Evidence): string | null => {
  if (!traffic?.socket) return null;
  const socket = traffic.socket.after ?? traffic.socket.before;
  const { sendQueue, timer } = socket;
  const waits = sendQueue === 0 && (timer === null || timer.name === 'keepalive');
  if (!waits) return null;
  return `nothing is under way: all that ${target.name} sent is acknowledged, and it waits for ${flow.destination}; no packet tells whether the path still works`;
};
