import type { ProbeAnswer } from '../model/probe.js';

/** What `ping` of iputils said, per probe. */
export interface PingOutput {
  /** Packets it says it transmitted; `null` when it broke off without statistics. */
  readonly transmitted: number | null;
  readonly answers: readonly ProbeAnswer[];
  /** The sending socket's own error. */
  readonly localError: string | null;
  /** Why ping did not even begin: its own words. */
  readonly failure: string | null;
}

const REPLY = /^\d+ bytes from (\S+): icmp_seq=(\d+)(?:.*? time=([\d.]+) ms)?/;
const ERROR = /^From (\S+?):? icmp_seq=(\d+) (.+)$/;
const TRANSMITTED = /^(\d+) packets transmitted/m;
/** An error of sendto(2), once per packet. */
const SEND = /^(?:ping6?: )?sendmsg: (.+)$/;
const LOCAL = /^(?:ping6?: )?local error: (.+)$/;
/** An error of connect(2) or bind(2), before the first packet. */
const CONNECT = /^(?:ping6?: )?(?:connect|bind): (.+)$/;
/** How ping puts EACCES of connect(2): a prohibit route, or a broadcast address. */
const BROADCAST = /^(?:ping6?: )?Do you want to ping broadcast\?/;
const HARMLESS = /^(?:ping6?: )?(?:Warning|WARNING)|^PATTERN|^PING|^---|^rtt |^pipe |^\d+ packets |^$/;

/**
 * Reads the output of iputils' ping. A send error names no packet, so it is given to the first packets that brought
 * nothing else.
 */
export const parsePing = (stdout: string, stderr: string, count: number): PingOutput => {
  const out = stdout.split(/\r?\n/);
  const complaints = stderr.split(/\r?\n/).filter((line) => !HARMLESS.test(line));
  const connectError =
    firstMatch(complaints, CONNECT) ?? (complaints.some((line) => BROADCAST.test(line)) ? 'Permission denied' : null);
  const sendErrors = complaints.flatMap((line) => line.match(SEND)?.[1] ?? line.match(LOCAL)?.[1] ?? []);
  const transmitted = Number(stdout.match(TRANSMITTED)?.[1] ?? Number.NaN);
  const began = out.some((line) => line.startsWith('PING ')) && connectError === null;
  const pendingErrors = [...sendErrors];
  const answers = numbers(count).map(
    (probe): ProbeAnswer =>
      replyTo(out, probe) ??
      errorFor(out, probe) ??
      unanswered(
        probe,
        began ? (pendingErrors.shift() ?? null) : connectError,
        began && pendingSent(transmitted, probe),
      ),
  );
  return {
    transmitted: Number.isNaN(transmitted) ? null : transmitted,
    answers,
    localError: connectError ?? sendErrors[0] ?? null,
    failure:
      began || connectError !== null
        ? null
        : (complaints[0]?.replace(/^ping6?: /, '') ?? 'ping ended without a message'),
  };
};

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

const firstMatch = (lines: readonly string[], pattern: RegExp): string | null =>
  lines.flatMap((line) => line.match(pattern)?.[1] ?? [])[0] ?? null;

const replyTo = (lines: readonly string[], probe: number): ProbeAnswer | null => {
  for (const line of lines) {
    const match = line.match(REPLY);
    if (match === null || Number(match[2]) !== probe) continue;
    return {
      probe,
      outcome: 'answered',
      rttMs: match[3] === undefined ? null : Number(match[3]),
      text: null,
      from: match[1] ?? null,
    };
  }
  return null;
};

const errorFor = (lines: readonly string[], probe: number): ProbeAnswer | null => {
  for (const line of lines) {
    const match = line.match(ERROR);
    if (match === null || Number(match[2]) !== probe || /^Redirect/.test(match[3] ?? '')) continue;
    return { probe, outcome: 'error', rttMs: null, text: match[3] ?? null, from: match[1] ?? null };
  }
  return null;
};

const pendingSent = (transmitted: number, probe: number): boolean => Number.isNaN(transmitted) || probe <= transmitted;

const unanswered = (probe: number, error: string | null, sent: boolean): ProbeAnswer => ({
  probe,
  outcome: error === null && sent ? 'timeout' : 'not-sent',
  rttMs: null,
  text: error,
  from: null,
});
