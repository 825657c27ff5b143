import { fileURLToPath } from 'node:url';
import { inNetns } from '../host/in-netns.js';
import { runCommand } from '../host/run-command.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Flow } from '../model/flow.js';
import type { NetnsRef } from '../model/netns.js';
import type { ProbeAnswer, ProbeResult, ProbeSettings } from '../model/probe.js';
import { replyWords } from '../parse/dns-message.js';
import { errorText, lastLine, parseLines } from './program-output.js';
import { type ProbeOptions, resultOf, startFailure } from './result.js';
import { type UdpAttempt, type UdpProbeRequest, udpAttempt } from './udp-attempt.js';

/** What the probe may take beyond its own waiting. */
const SPARE_MS = 3000;

/** The program that the bundler puts beside ours. */
const SCRIPT = fileURLToPath(new URL('./udp-probe.js', import.meta.url));

/**
 * The command that sends the datagrams, in the given namespace: our own node, which only changes the network namespace.
 * @param token 4 bytes in hex, with which each payload begins
 * @throws {KnownError} for a mark, which node cannot set, and for a flow without a port
 */
export const udpCommand = (
  netns: NetnsRef,
  flow: Flow,
  settings: ProbeSettings,
  token: string,
  script = SCRIPT,
): readonly string[] => {
  if (settings.mark !== 0) throw new KnownError('--mark works with ICMP probes only', { exitCode: EXIT.usage });
  if (flow.port === null)
    throw new KnownError('a UDP probe needs a port', { exitCode: EXIT.usage, hint: 'write udp://HOST:PORT' });
  const request: UdpProbeRequest = {
    destination: flow.destination,
    port: flow.port,
    family: flow.family,
    source: settings.source,
    count: settings.count,
    intervalMs: settings.intervalMs,
    timeoutMs: settings.timeoutMs,
    token,
    size: settings.size,
    ...(flow.dns ? { dns: flow.dns } : {}),
  };
  return inNetns(netns, [process.execPath, script, JSON.stringify(request)]);
};

/** Sends the datagrams, and tells what became of each. Rejects only as `udpCommand` throws. */
export const probeUdp = async (
  netns: NetnsRef,
  flow: Flow,
  settings: ProbeSettings,
  token: string,
  options: ProbeOptions & { readonly script?: string } = {},
): Promise<ProbeResult> => {
  const command = udpCommand(netns, flow, settings, token, options.script);
  const rounds = flow.dns ? 2 : 1;
  const limit = settings.count * settings.intervalMs + settings.timeoutMs * rounds + SPARE_MS;
  const ran = await runCommand(command, {
    timeoutMs: limit,
    signal: options.signal,
    interrupt: options.enough,
    onStart: options.onStart,
  });
  const attempts = parseLines(udpAttempt, ran.stdout);
  const answers = Array.from({ length: settings.count }, (_, index) => answerOf(index + 1, attempts));
  const unsent = answers.find((answer) => answer.outcome === 'not-sent' && answer.text !== null);
  return resultOf({
    command,
    protocol: 'udp',
    ...(ran.pid === undefined ? {} : { pid: ran.pid }),
    token: flow.dns ? null : token,
    answers,
    localError: unsent?.text ?? null,
    failure: startFailure(ran, 'node', 'nodejs') ?? (attempts.length === 0 ? lastLine(ran.stderr) : null),
    waitedMs: settings.timeoutMs,
    output: `${ran.stdout}${ran.stderr}`,
  });
};

const answerOf = (probe: number, attempts: readonly UdpAttempt[]): ProbeAnswer => {
  const attempt = attempts.find((candidate) => candidate.probe === probe);
  if (attempt === undefined) return { probe, outcome: 'not-sent', rttMs: null, text: null, from: null };
  const { outcome, rttMs, sourcePort, overTcp } = attempt;
  return {
    probe,
    outcome,
    rttMs: outcome === 'answered' || outcome === 'refused' ? rttMs : null,
    text: wordsOf(attempt),
    from: null,
    ...(sourcePort ? { sourcePort } : {}),
    ...(overTcp && overTcp.outcome !== 'answered' ? { overTcp: tcpWords(overTcp) } : {}),
  };
};

const wordsOf = ({ outcome, code, reply }: UdpAttempt): string | null => {
  if (reply) return replyWords(reply);
  if (outcome === 'refused') return 'port unreachable';
  return code === null ? null : errorText(code);
};

const tcpWords = ({ outcome, code }: NonNullable<UdpAttempt['overTcp']>): string => {
  if (outcome === 'refused') return 'the connection is refused';
  return outcome === 'timeout' || code === null ? 'no answer' : errorText(code);
};
