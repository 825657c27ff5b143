import { setTimeout as sleep } from 'node:timers/promises';
import type { Flow } from '../model/flow.js';
import type { Sighting } from '../model/packet.js';
import type { Path } from '../model/path.js';
import type { ProbeAnswer, ProbeResult } from '../model/probe.js';

/** What is asked of the wait for connections of others. */
export interface ConnectionWait {
  readonly flow: Flow;
  readonly path: Path;
  /** Milliseconds to wait for the first. */
  readonly waitMs: number;
  /** Milliseconds from the first to its answer. */
  readonly answerMs: number;
  /** Command of the capture that sees them come in. */
  readonly command: readonly string[];
  readonly signal: AbortSignal;
  readonly arrived: readonly Sighting[];
}

const POLL_MS = 40;
/** Connections that are followed at most. */
const MOST = 10;

/**
 * Waits until somebody connects to the published place, and tells what became of it, as if it had been a probe of ours: by
 * the packets at the device that they come in by. Sends nothing.
 */
export const awaitConnections = async (wait: ConnectionWait): Promise<ProbeResult> => {
  const { signal, waitMs, answerMs } = wait;
  const deadline = performance.now() + waitMs;
  let first: number | null = null;
  while (!signal.aborted) {
    const answers = connectionsIn(wait);
    const now = performance.now();
    if (answers.length > 0) first ??= now;
    const isDecided = answers.length > 0 && answers.every(({ outcome }) => outcome !== 'timeout');
    if (first !== null && (isDecided || now - first >= answerMs)) return toResult(wait, answers);
    if (first === null && now >= deadline) break;
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
  return toResult(wait, []);
};

const entryOf = ({ hops }: Path): string | null => hops.find(({ role }) => role === 'uplink')?.id ?? null;

/** The connections that came in, oldest first, each with what was answered. */
export const connectionsIn = ({
  arrived,
  flow,
  path,
}: Pick<ConnectionWait, 'arrived' | 'flow' | 'path'>): ProbeAnswer[] => {
  const entry = entryOf(path);
  const here = arrived.filter(({ hop, probe }) => hop === entry && probe !== null);
  const firsts = new Map<number, Sighting>();
  for (const seen of here) {
    const { ip, tcp } = seen.packet;
    if (seen.kind !== 'request' || ip?.destination !== flow.destination || tcp?.destinationPort !== flow.port) continue;
    if (seen.probe !== null && !firsts.has(seen.probe)) firsts.set(seen.probe, seen);
  }
  return [...firsts].slice(0, MOST).map(([number, first], index): ProbeAnswer => {
    const reply = here.find(({ kind, probe }) => kind === 'reply' && probe === number);
    const failed = here.find(({ kind, probe }) => kind === 'icmp-error' && probe === number);
    const end = reply ?? failed;
    const sourcePort = first.packet.tcp?.sourcePort;
    return {
      probe: index + 1,
      outcome: reply
        ? reply.packet.tcp?.flags.includes('RST')
          ? 'refused'
          : 'answered'
        : failed
          ? 'error'
          : 'timeout',
      rttMs: end ? (end.packet.at - first.packet.at) / 1e6 : null,
      text: null,
      from: failed?.packet.ip?.source ?? null,
      ...(sourcePort === undefined ? {} : { sourcePort }),
    };
  });
};

const toResult = ({ flow, command, waitMs }: ConnectionWait, answers: readonly ProbeAnswer[]): ProbeResult => ({
  command,
  protocol: flow.protocol,
  token: null,
  sent: answers.length,
  answered: answers.filter(({ outcome }) => outcome === 'answered' || outcome === 'refused').length,
  answers,
  localError: null,
  failure: answers.length > 0 ? null : `nobody connected to ${flow.destinationText} within ${waitMs / 1000} s`,
  output: '',
});
