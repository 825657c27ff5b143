import type { Flow } from '../model/flow.js';
import type { NetnsRef } from '../model/netns.js';
import type { ProbeAnswer, ProbeOutcome, ProbeResult, ProbeSettings } from '../model/probe.js';
import { errorText } from './program-output.js';
import type { ProbeOptions } from './result.js';
import { bundled, requestOf, runStandAlone, standAloneCommand } from './stand-alone.js';
import { type TcpAttempt, tcpAttempt } from './tcp-attempt.js';

/**
 * The command that connects, in the given namespace.
 * @throws {KnownError} for a mark, which node cannot set, and for a flow without a port
 */
export const tcpCommand = (
  netns: NetnsRef,
  flow: Flow,
  settings: ProbeSettings,
  script = bundled('tcp-probe'),
): readonly string[] => standAloneCommand(netns, script, requestOf(flow, settings), settings);

/** Connects, and tells what became of each attempt. Rejects only as `tcpCommand` throws. */
export const probeTcp = async (
  netns: NetnsRef,
  flow: Flow,
  settings: ProbeSettings,
  options: ProbeOptions & { readonly script?: string } = {},
): Promise<ProbeResult> =>
  runStandAlone(
    {
      command: tcpCommand(netns, flow, settings, options.script),
      protocol: 'tcp',
      token: null,
      attempt: tcpAttempt,
      answerOf,
      waitsMs: settings.timeoutMs,
      options: { signal: options.signal },
    },
    settings,
  );

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
