import { inNetns } from '../host/in-netns.js';
import { type CommandResult, runCommand } from '../host/run-command.js';
import type { Artifact, ArtifactErrorReason } from '../model/artifact.js';
import type { NetnsRef } from '../model/netns.js';
import type { ArtifactName, ArtifactValue } from '../model/state.js';
import { ParseError } from '../parse/parse-error.js';
import type { Argv, CollectOptions, Collector } from './collector.js';

/** A collector of one command whose whole output is the artifact. */
export const commandCollector = <N extends ArtifactName>(
  artifact: N,
  argv: Argv,
  parse: (stdout: string) => ArtifactValue<N>,
): Collector<N> => ({
  artifact,
  commands: (netns) => [inNetns(netns, argv)],
  collect: (netns, options) => runArtifact(netns, argv, options, parse),
});

export interface RunArtifactOptions extends CollectOptions {
  /** Exit codes that do not mean failure. @default [0] */
  readonly exitCodes?: readonly number[];
  /** It may take seconds where there is much to list. */
  readonly long?: boolean;
}

/** Runs a command in a namespace and parses its output into an artifact. */
export const runArtifact = async <T>(
  netns: Pick<NetnsRef, 'id' | 'path'>,
  argv: Argv,
  options: RunArtifactOptions,
  parse: (stdout: string) => T,
): Promise<Artifact<T>> => {
  const result = await (options.run ?? runCommand)(inNetns(netns, argv), {
    signal: options.signal,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.long ? { long: true } : {}),
  });
  const failure = failureOf(result, options.exitCodes ?? [0]);
  if (failure !== null) return { ok: false, ...failure, command: result.argv, ms: result.ms };
  return parseArtifact(result, () => parse(result.stdout));
};

/** What a command brought as an artifact; what cannot be parsed is garbage. */
export const parseArtifact = <T>({ argv, ms }: Pick<CommandResult, 'argv' | 'ms'>, parse: () => T): Artifact<T> => {
  try {
    return { ok: true, value: parse(), command: argv, ms };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const where = error.line === null ? '' : ` (line ${error.line})`;
    return { ok: false, reason: 'garbage', message: printable(error.message) + where, command: argv, ms };
  }
};

interface Failure {
  readonly reason: ArtifactErrorReason;
  readonly message: string;
}

const failureOf = (result: CommandResult, exitCodes: readonly number[]): Failure | null => {
  const { failure, exitCode } = result;
  if (failure === null || (exitCode !== null && failure === 'exit' && exitCodes.includes(exitCode))) return null;
  const message = firstLine(result.stderr) ?? firstLine(result.stdout) ?? `exit code ${exitCode}`;
  switch (failure) {
    case 'missing-tool':
      return { reason: 'missing-tool', message: `${result.argv[0]} is not installed` };
    case 'not-permitted':
      return { reason: 'not-permitted', message };
    case 'timeout':
      return { reason: 'timeout', message: `no answer in ${Math.round(result.ms)} ms` };
    case 'cancelled':
      return { reason: 'failed', message: 'cancelled' };
    case 'too-much-output':
      return { reason: 'failed', message: 'too much output' };
    case 'exit':
      return { reason: reasonOf(result.stderr, exitCode), message };
  }
};

const reasonOf = (stderr: string, exitCode: number | null): ArtifactErrorReason => {
  if (exitCode === 127 && /failed to execute/.test(stderr)) return 'missing-tool';
  return /Operation not permitted|Permission denied|must be root|you must be root/i.test(stderr)
    ? 'not-permitted'
    : 'failed';
};

const LONGEST_MESSAGE = 300;

const firstLine = (text: string): string | null => {
  const line = text.split('\n').find((candidate) => candidate.trim() !== '');
  return line === undefined ? null : printable(line.trim()).slice(0, LONGEST_MESSAGE);
};

/** Foreign text with its control characters spelled out. */
const printable = (text: string): string =>
  text.replace(/[\x00-\x1f\x7f-\x9f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
