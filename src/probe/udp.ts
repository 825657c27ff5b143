import type { Flow } from '../model/flow.js';
import type { NetnsRef } from '../model/netns.js';
import type { ProbeAnswer, ProbeResult, ProbeSettings } from '../model/probe.js';
import { replyWords } from '../parse/dns-message.js';
import { asksTftp } from '../parse/tftp.js';
import { errorText } from './program-output.js';
import type { ProbeOptions } from './result.js';
import { bundled, requestOf, runStandAlone, standAloneCommand } from './stand-alone.js';
import { type UdpAttempt, type UdpProbeRequest, udpAttempt } from './udp-attempt.js';

/**
 * The command that sends the datagrams, in the given namespace.
 * @param token 4 bytes in hex, with which each payload begins
 * @throws {KnownError} for a mark, which node cannot set, and for a flow without a port
 */
export const udpCommand = (
  netns: NetnsRef,
  flow: Flow,
  settings: ProbeSettings,
  token: string,
  script = bundled('udp-probe'),
): readonly string[] => {
  const request: UdpProbeRequest = {
    ...requestOf(flow, settings),
    nonce: token,
    sourcePort: settings.sourcePort ?? null,
    size: settings.size,
    ...(flow.dns ? { dns: flow.dns } : {}),
    ...(flow.dns === undefined && asksTftp(flow) ? { tftp: true } : {}),
  };
  return standAloneCommand(netns, script, request, settings);
};

/** Sends the datagrams, and tells what became of each. Rejects only as `udpCommand` throws. */
export const probeUdp = async (
  netns: NetnsRef,
  flow: Flow,
  settings: ProbeSettings,
  token: string,
  options: ProbeOptions & { readonly script?: string } = {},
): Promise<ProbeResult> =>
  runStandAlone(
    {
      command: udpCommand(netns, flow, settings, token, options.script),
      protocol: 'udp',
      token: flow.dns ? null : token,
      attempt: udpAttempt,
      answerOf,
      // A DNS answer that was cut short is asked for again over TCP.
      waitsMs: settings.timeoutMs * (flow.dns ? 2 : 1),
      options: { signal: options.signal, interrupt: options.enough, onStart: options.onStart },
    },
    settings,
  );

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
