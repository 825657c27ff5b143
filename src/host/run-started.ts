import { type CommandOptions, type CommandResult, startCommand } from './run-command.js';

/** Characters of either output above which the command is killed: a probe says a line for each packet. */
const MOST_TEXT = 16 * 1024 * 1024;

/**
 * Runs a command to its end as `runCommand` does, for what is awaited in every trace: without execa, which then need not be
 * loaded. Never throws.
 */
export const runStarted = async (
  argv: readonly string[],
  {
    timeoutMs = 5000,
    signal,
    interrupt,
    onStart,
  }: Pick<CommandOptions, 'timeoutMs' | 'signal' | 'interrupt' | 'onStart'> = {},
): Promise<CommandResult> => {
  const began = performance.now();
  const limit = new AbortController();
  const late = setTimeout(() => limit.abort('timeout'), timeoutMs);
  const child = startCommand(argv, { signal: signal ? AbortSignal.any([signal, limit.signal]) : limit.signal });
  if (child.pid !== null) onStart?.(child.pid);
  const stop = (): void => child.kill('SIGINT');
  interrupt?.addEventListener('abort', stop, { once: true });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      if (text[name].length + chunk.length <= MOST_TEXT) text[name] += chunk;
      else limit.abort('too-much-output');
    });
  const { exitCode, failure } = await child.ended;
  clearTimeout(late);
  interrupt?.removeEventListener('abort', stop);
  const isEnded = limit.signal.aborted && signal?.aborted !== true;
  return {
    argv,
    exitCode,
    ...text,
    ms: performance.now() - began,
    failure: isEnded ? limit.signal.reason : failure,
    ...(child.pid === null ? {} : { pid: child.pid }),
  };
};
