import { fileURLToPath } from 'node:url';
import { inNetns } from '../host/in-netns.js';
import { runCommand } from '../host/run-command.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Flow } from '../model/flow.js';
import type { NetnsRef } from '../model/netns.js';
import type { ProbeAnswer, ProbeOutcome, ProbeResult, ProbeSettings } from '../model/probe.js';
import { errorText, lastLine, parseLines } from './program-output.js';
import { type ProbeOptions, resultOf, startFailure } from './result.js';
import { type TcpAttempt, type TcpProbeRequest, tcpAttempt } from './tcp-attempt.js';

/** What the probe may take beyond its own waiting. */
const SPARE_MS = 3000;

/** The program that the bundler puts beside ours. */
const SCRIPT = fileURLToPath(new URL('./tcp-probe.js', import.meta.url));

/**
 * The command that connects, in the given namespace: our own node, which only changes the network namespace.
 * @throws {KnownError} for a mark, which node cannot set, and for a flow without a port
 */
export const tcpCommand = (
  netns: NetnsRef,
  flow: Flow,
  settings: ProbeSettings,
  script = SCRIPT,
): readonly string[] => {
  if (settings.mark !== 0) throw new KnownError('--mark works with ICMP probes only', { exitCode: EXIT.usage });
  if (flow.port === null)
    throw new KnownError('a TCP probe needs a port', { exitCode: EXIT.usage, hint: 'write tcp://HOST:PORT' });
  const request: TcpProbeRequest = {
    destination: flow.destination,
    port: flow.port,
    family: flow.family,
    source: settings.source,
    count: settings.count,
    intervalMs: settings.intervalMs,
    timeoutMs: settings.timeoutMs,
  };
  return inNetns(netns, [process.execPath, script, JSON.stringify(request)]);
};

/** Connects, and tells what became of each attempt. Rejects only as `tcpCommand` throws. */
export const probeTcp = async (
  netns: NetnsRef,
  flow: Flow,
  settings: ProbeSettings,
  options: ProbeOptions & { readonly script?: string } = {},
): Promise<ProbeResult> => {
  const command = tcpCommand(netns, flow, settings, options.script);
  const limit = settings.count * settings.intervalMs + settings.timeoutMs + SPARE_MS;
  const ran = await runCommand(command, { timeoutMs: limit, signal: options.signal });
  const attempts = parseLines(tcpAttempt, ran.stdout);
  const answers = Array.from({ length: settings.count }, (_, index) => answerOf(index + 1, attempts));
  const refused = answers.find((answer) => answer.outcome === 'not-sent' && answer.text !== null);
  return resultOf({
    command,
    protocol: 'tcp',
    ...(ran.pid === undefined ? {} : { pid: ran.pid }),
    token: null,
    answers,
    localError: refused?.text ?? null,
    failure: startFailure(ran, 'node', 'nodejs') ?? (attempts.length === 0 ? lastLine(ran.stderr) : null),
    waitedMs: settings.timeoutMs,
    output: `${ran.stdout}${ran.stderr}`,
  });
};

const answerOf = (probe: number, attempts: readonly TcpAttempt[]): ProbeAnswer => {
  const attempt = attempts.find((candidate) => candidate.probe === probe);
  if (attempt === undefined) return { probe, outcome: 'not-sent', rttMs: null, text: null, from: null };
  const outcome = outcomeOf(attempt);
  return {
    probe,
    outcome,
    rttMs: outcome === 'answered' || outcome === 'refused' ? attempt.rttMs : null,
    text: attempt.code === null ? null : errorText(attempt.code),
    from: null,
    ...(attempt.sourcePort ? { sourcePort: attempt.sourcePort } : {}),
  };
};

const outcomeOf = ({ outcome, sourcePort }: TcpAttempt): ProbeOutcome => {
  if (outcome === 'connected') return 'answered';
  return outcome === 'error' && !sourcePort ? 'not-sent' : outcome;
};
