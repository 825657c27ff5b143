import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { inControlGroup } from '../host/control-group.js';
import { inNetns } from '../host/in-netns.js';
import type { CommandOptions } from '../host/run-command.js';
import { runStarted } from '../host/run-started.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Flow } from '../model/flow.js';
import type { NetnsRef } from '../model/netns.js';
import type { ProbeAnswer, ProbeResult, ProbeSettings } from '../model/probe.js';
import { lastLine, parseLines } from './program-output.js';
import { resultOf, startFailure } from './result.js';

/** What every stand-alone probe is asked for. */
export interface StandAloneRequest {
  readonly destination: string;
  readonly port: number;
  readonly family: 4 | 6;
  readonly source: string | null;
  readonly count: number;
  readonly intervalMs: number;
  readonly adaptive?: boolean;
  readonly timeoutMs: number;
}

/** @throws {KnownError} for a mark, which node cannot set, and for a flow without a port */
export const requestOf = (
  { destination, port, family, protocol }: Flow,
  settings: ProbeSettings,
): StandAloneRequest => {
  if (settings.mark !== 0) throw new KnownError('--mark works with ICMP probes only', { exitCode: EXIT.usage });
  if (port === null)
    throw new KnownError(`a ${protocol.toUpperCase()} probe needs a port`, {
      exitCode: EXIT.usage,
      hint: `write ${protocol}://HOST:PORT`,
    });
  const { source, count, intervalMs, adaptive, timeoutMs } = settings;
  return { destination, port, family, source, count, intervalMs, ...(adaptive ? { adaptive } : {}), timeoutMs };
};

/** A program that the bundler puts beside ours. */
export const bundled = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

/** The command that runs a probe's program in a namespace: our own node, which only changes the network namespace. */
export const standAloneCommand = (
  netns: NetnsRef,
  script: string,
  request: StandAloneRequest,
  { controlGroup }: ProbeSettings,
): readonly string[] =>
  inControlGroup(controlGroup, inNetns(netns, [process.execPath, script, JSON.stringify(request)]));

/** What the probe may take beyond its own waiting, milliseconds. */
const SPARE_MS = 3000;

export interface StandAlone<T> extends Pick<ProbeResult, 'protocol' | 'token'> {
  readonly command: readonly string[];
  /** One line of the program's output. */
  readonly attempt: z.ZodType<T>;
  readonly answerOf: (probe: number, attempts: readonly T[]) => ProbeAnswer;
  /** Milliseconds that it waits for answers after the last probe. */
  readonly waitsMs: number;
  readonly options: Pick<CommandOptions, 'signal' | 'interrupt' | 'onStart'>;
}

/** Runs a probe's program, and tells what became of each probe. Never rejects. */
export const runStandAlone = async <T>(
  { command, protocol, token, attempt, answerOf, waitsMs, options }: StandAlone<T>,
  { count, intervalMs, timeoutMs }: ProbeSettings,
): Promise<ProbeResult> => {
  const ran = await runStarted(command, { ...options, timeoutMs: count * intervalMs + waitsMs + SPARE_MS });
  const attempts = parseLines(attempt, ran.stdout);
  const answers = Array.from({ length: count }, (_, index) => answerOf(index + 1, attempts));
  const refused = answers.find((answer) => answer.outcome === 'not-sent' && answer.text !== null);
  return resultOf({
    command,
    protocol,
    ...(ran.pid === undefined ? {} : { pid: ran.pid }),
    token,
    answers,
    localError: refused?.text ?? null,
    failure: startFailure(ran, 'node', 'nodejs') ?? (attempts.length === 0 ? lastLine(ran.stderr) : null),
    waitedMs: timeoutMs,
    output: `${ran.stdout}${ran.stderr}`,
  });
};
