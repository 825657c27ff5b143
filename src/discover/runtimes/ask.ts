import { type CommandResult, runCommand } from '../../host/run-command.js';
import type { RuntimeOptions } from './runtime.js';

const TIMEOUT_MS = 2000;

/** Runs one command of a runtime's client, within the time limit. */
export const ask = (argv: readonly string[], options: RuntimeOptions): Promise<CommandResult> =>
  runCommand(argv, { signal: options.signal, timeoutMs: options.timeoutMs ?? TIMEOUT_MS });

const NOT_ALLOWED = /permission denied|operation not permitted/i;
const UNREACHABLE = /cannot connect|connection refused|no such file|is the docker daemon running|failed to dial/i;

/**
 * Why a client brought nothing, in one line; `null` when it answered, if only that it knows no such container, or is not
 * installed.
 */
export const troubleOf = (client: string, result: CommandResult, options: RuntimeOptions): string | null => {
  if (result.failure === 'timeout')
    return `${client} did not answer within ${(options.timeoutMs ?? TIMEOUT_MS) / 1000} s`;
  if (result.failure === null || result.failure === 'missing-tool' || result.failure === 'cancelled') return null;
  if (NOT_ALLOWED.test(result.stderr)) return `${client} may not be asked: permission denied`;
  return UNREACHABLE.test(result.stderr) ? `${client} does not run here or cannot be reached` : null;
};

export const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');
