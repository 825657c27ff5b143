import { inControlGroup } from '../host/control-group.js';
import { inNetns } from '../host/in-netns.js';
import type { CommandResult } from '../host/run-command.js';
import { runStarted } from '../host/run-started.js';
import type { Flow } from '../model/flow.js';
import type { NetnsRef } from '../model/netns.js';
import type { ProbeResult, ProbeSettings } from '../model/probe.js';
import { type PingOutput, parsePing } from './ping-output.js';
import { type ProbeOptions, resultOf, startFailure } from './result.js';

/** What ping may take beyond its own waiting: start, ARP, a slow machine. */
const SPARE_MS = 3000;
/** What one packet alone may take more: a device without room is asked for 2.5 s before ping says so. Of many some are sent. */
const NO_ROOM_MS = 5000;

/**
 * The ping of iputils that sends the probe, in the given namespace. At an even pace: `-A` would follow the answers, and then
 * listen behind the last packet for two round trips alone, so that an answer that is late once would be taken for lost.
 * @param token 4 bytes in hex, repeated through the payload
 * @see ping(8)
 */
export const icmpCommand = (netns: NetnsRef, flow: Flow, settings: ProbeSettings, token: string): readonly string[] =>
  inControlGroup(
    settings.controlGroup,
    inNetns(netns, [
      'ping',
      flow.family === 6 ? '-6' : '-4',
      '-n',
      '-c',
      `${settings.count}`,
      '-i',
      seconds(settings.intervalMs),
      '-W',
      seconds(settings.timeoutMs),
      '-s',
      `${settings.size}`,
      '-p',
      token,
      ...(settings.df ? ['-M', 'do'] : []),
      ...(settings.mark === 0 ? [] : ['-m', `${settings.mark}`]),
      ...(settings.source === null ? [] : ['-I', settings.source]),
      ...(flow.destination === '255.255.255.255' ? ['-b'] : []),
      flow.destination,
    ]),
  );

const seconds = (milliseconds: number): string => `${milliseconds / 1000}`;

/** Sends the ICMP echo requests and waits for the answers. Never rejects: what went wrong is in the result. */
export const probeIcmp = async (
  netns: NetnsRef,
  flow: Flow,
  settings: ProbeSettings,
  token: string,
  options: ProbeOptions = {},
): Promise<ProbeResult> => {
  const command = icmpCommand(netns, flow, settings, token);
  const { count, intervalMs } = settings;
  const limit = count * intervalMs + settings.timeoutMs + SPARE_MS + (count === 1 ? NO_ROOM_MS : 0);
  const { signal, enough, onStart, run = runStarted } = options;
  const ran = await run(command, { timeoutMs: limit, signal, interrupt: enough, onStart });
  const output = parsePing(ran.stdout, ran.stderr, count);
  return resultOf({
    command,
    protocol: 'icmp',
    ...(ran.pid === undefined ? {} : { pid: ran.pid }),
    token,
    answers: output.answers,
    localError: output.localError,
    failure: pingFailure(ran, output),
    waitedMs: settings.timeoutMs,
    output: `${ran.stdout}${ran.stderr}`,
  });
};

/** Why ping brought nothing; `null` where it did, also where it goes on although it has said why nothing can be sent. */
export const pingFailure = (
  ran: CommandResult,
  { localError, failure }: Pick<PingOutput, 'localError' | 'failure'>,
): string | null =>
  ran.failure === 'timeout' && localError !== null ? failure : (startFailure(ran, 'ping', 'iputils-ping') ?? failure);
