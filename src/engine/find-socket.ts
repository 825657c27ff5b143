import { collectTcpConnections, tcpConnectionsCommand } from '../collect/tcp-connections.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { NetnsRef } from '../model/netns.js';
import type { RunEvent } from '../model/run.js';
import type { Target } from '../model/target.js';
import type { TcpSocket } from '../model/traffic.js';
import type { FindOptions, Found } from './overhear.js';
import { flowOfSocket } from './traffic-flow.js';

/** How long its own timer is waited for at most, and what comes on top of it, in milliseconds. */
const MOST_MS = 30_000;
const AFTER_TIMER_MS = 1500;
/** For what other traffic of the connection may show where no timer runs. */
const IDLE_MS = 2000;
/** Choices that an error lists. */
const MOST_CHOICES = 8;

/**
 * Picks the connection of the container that has the port at either end.
 * @throws KnownError where there is none, or more than one
 */
export async function* findSocket(
  { port, waitMs }: { readonly port: number; readonly waitMs: number | null },
  target: Target,
  netns: NetnsRef,
  { signal }: Pick<FindOptions, 'signal'>,
): AsyncGenerator<RunEvent, Found> {
  yield { type: 'announce', what: `list the connections of ${target.name}`, command: tcpConnectionsCommand(netns) };
  const read = await collectTcpConnections(netns, { signal });
  if (!read.ok)
    throw new KnownError(`the connections of ${target.name} cannot be read: ${read.message}`, {
      exitCode: read.reason === 'missing-tool' ? EXIT.missingProgram : EXIT.inconclusive,
      hint: read.command.join(' '),
    });
  const socket = pick(read.value.filter(isFollowed), port, target);
  const wait = waitMs ?? timerWait(socket);
  yield { type: 'wait', place: socketText(socket), ms: wait, traffic: true };
  return {
    ...flowOfSocket(socket),
    evidence: { filter: null, flows: [flowOfSocket(socket).seen], socket: { before: socket, after: null } },
    deadline: performance.now() + wait,
    byTimer: waitMs === null,
  };
}

/** Both ends of a connection and its state. */
export const socketText = ({ local, localPort, remote, remotePort, state }: TcpSocket): string =>
  `${local}:${localPort} to ${remote}:${remotePort} (${state})`;

const isFollowed = ({ state, local }: TcpSocket): boolean =>
  state !== 'TIME-WAIT' && !local.startsWith('127.') && local !== '::1';

const pick = (sockets: readonly TcpSocket[], port: number, { name, spelled }: Target): TcpSocket => {
  const fitting = sockets.filter(({ localPort, remotePort }) => localPort === port || remotePort === port);
  const [only, another] = fitting;
  if (only && !another) return only;
  const list = (all: readonly TcpSocket[]): string =>
    all.slice(0, MOST_CHOICES).map(socketText).join('; ') +
    (all.length > MOST_CHOICES ? `; and ${all.length - MOST_CHOICES} more` : '');
  if (!only)
    throw new KnownError(`${name} has no connection with port ${port}`, {
      exitCode: EXIT.usage,
      hint: sockets.length > 0 ? `it has ${list(sockets)}` : `ss -tn, in its namespace, lists none`,
    });
  throw new KnownError(`${fitting.length} connections of ${name} have port ${port}: ${list(fitting)}`, {
    exitCode: EXIT.usage,
    hint: `name one by its own port: vethoscope trace ${spelled} --socket ${only.localPort}`,
  });
};

/** Milliseconds until the connection sends again by itself, and some more. */
export const timerWait = ({ timer }: TcpSocket): number =>
  timer === null ? IDLE_MS : Math.min(timer.inMs + AFTER_TIMER_MS, MOST_MS);

/** The same connection again, when it has been watched; `null` when it is gone. */
export const socketAgain = async (
  before: TcpSocket,
  netns: NetnsRef,
  signal: AbortSignal,
): Promise<TcpSocket | null> => {
  const read = await collectTcpConnections(netns, { signal });
  const isSame = (one: TcpSocket): boolean =>
    one.local === before.local &&
    one.localPort === before.localPort &&
    one.remote === before.remote &&
    one.remotePort === before.remotePort;
  return (read.ok && read.value.find(isSame)) || null;
};
