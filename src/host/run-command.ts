import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** Why a command brought nothing usable. `exit` means it ran and returned non-zero. */
export type CommandFailure = 'missing-tool' | 'not-permitted' | 'timeout' | 'cancelled' | 'too-much-output' | 'exit';

export interface CommandResult {
  readonly argv: readonly string[];
  /** `null` when the command did not end by itself. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Wall-clock milliseconds. */
  readonly ms: number;
  readonly failure: CommandFailure | null;
  /** Absent when the program could not be started. */
  readonly pid?: number;
}

export interface CommandOptions {
  /** Milliseconds after which the command is killed. @default 5000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Text for standard input; without it standard input is empty. */
  readonly input?: string;
  /** Bytes of output above which the command is killed. @default 256 MiB */
  readonly maxBytes?: number;
  /** It may take seconds: of several shells another takes what comes next. */
  readonly long?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Sends SIGINT when it aborts: the command may end by itself and say what it has. */
  readonly interrupt?: AbortSignal | undefined;
  /** Told the PID as soon as the command runs. */
  readonly onStart?: ((pid: number) => void) | undefined;
}

/** Milliseconds between SIGTERM and SIGKILL. */
const KILL_AFTER_MS = 500;
const SYSTEM_PATH = '/usr/local/sbin:/usr/sbin:/sbin';

/** Environment of every child: the C locale, so that messages can be read, and the system folders that sudo may drop. */
export const childEnvironment = (): Record<string, string> => ({
  LC_ALL: 'C',
  PATH: `${process.env['PATH'] ?? '/usr/bin:/bin'}:${SYSTEM_PATH}`,
});

/**
 * Runs a command to its end. Never a shell, never throws: what went wrong is in `failure`. A plain trace does without execa.
 */
export const runCommand = async (argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> => {
  const [file, ...args] = argv;
  if (file === undefined) throw new TypeError('runCommand needs a program');
  const started = performance.now();
  const cancel = new AbortController();
  const { execa } = await import('execa');
  const child = execa(file, args, {
    env: { ...childEnvironment(), ...options.env },
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    timeout: options.timeoutMs ?? 5000,
    cancelSignal: cancel.signal,
    maxBuffer: options.maxBytes ?? 256 * 1024 * 1024,
    forceKillAfterDelay: KILL_AFTER_MS,
    reject: false,
    stripFinalNewline: false,
  });
  const unlink = cancelWith(options.signal, cancel, child.pid);
  if (child.pid !== undefined) options.onStart?.(child.pid);
  const interrupt = () => void (child.pid !== undefined && child.kill('SIGINT'));
  options.interrupt?.addEventListener('abort', interrupt, { once: true });
  const result = await child;
  options.interrupt?.removeEventListener('abort', interrupt);
  unlink();
  return {
    argv,
    exitCode: result.exitCode ?? null,
    stdout: result.stdout ?? '',
    stderr: result.stderr ?? '',
    ms: performance.now() - started,
    failure: failureOf(result),
    ...(child.pid === undefined ? {} : { pid: child.pid }),
  };
};

const failureOf = (result: {
  code?: string | undefined;
  failed: boolean;
  timedOut: boolean;
  isCanceled: boolean;
  isMaxBuffer: boolean;
}): CommandFailure | null => {
  if (!result.failed) return null;
  const failure = startFailureOf(result.code);
  if (failure !== null) return failure;
  if (result.timedOut) return 'timeout';
  if (result.isCanceled) return 'cancelled';
  if (result.isMaxBuffer) return 'too-much-output';
  return 'exit';
};

/** Why a program could not be started. @param code the system's error */
const startFailureOf = (code: string | undefined): CommandFailure | null => {
  if (code === 'ENOENT') return 'missing-tool';
  return code === 'EACCES' || code === 'EPERM' ? 'not-permitted' : null;
};

export interface StreamOptions {
  readonly signal?: AbortSignal | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** First text for standard input, which then stays open until it is ended; without it standard input is empty. */
  readonly input?: string;
  /** It leads a process group of its own, which no Ctrl-C of the terminal reaches. */
  readonly leads?: boolean;
  /** Files beyond the three that it has open from the start, each with its other end here. */
  readonly more?: number;
}

/**
 * Cancels a child when a signal aborts. One that could not be started has no PID: to kill it would signal PID 0, which is our
 * own process group, our terminal's shell pipeline included. Node sends it all the same.
 * @returns takes the listener away
 */
const cancelWith = (
  signal: AbortSignal | undefined,
  cancel: AbortController,
  pid: number | undefined,
): (() => void) => {
  if (signal === undefined || pid === undefined) return () => {};
  const abort = (): void => cancel.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
};

/** A child whose output is read while it runs: a capture, the tracefs reader. */
export interface StreamingChild {
  readonly pid: number | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** More text for standard input, where it is open. */
  write(text: string): void;
  endInput(): void;
  /** All files that it has open from the start, by number; `null` for an empty input. */
  readonly files: readonly (Readable | Writable | null)[];
  kill(signal: NodeJS.Signals): void;
  /** Signals the child and, where it leads a process group of its own as `timeout` does, its children too. */
  killGroup(signal: NodeJS.Signals): void;
  /** Settles when the child is gone; never rejects. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly failure: CommandFailure | null }>;
}

/**
 * Starts a command whose standard output and error are read as they come. The caller ends it. Without execa, which takes
 * some milliseconds for each: a trace starts a dozen.
 */
export const startCommand = (argv: readonly string[], options: StreamOptions = {}): StreamingChild => {
  const [file, ...args] = argv;
  if (file === undefined) throw new TypeError('startCommand needs a program');
  const cancel = new AbortController();
  const child = spawn(file, args, {
    env: { ...process.env, ...childEnvironment(), ...options.env },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...Array(options.more ?? 0).fill('pipe')],
    detached: options.leads === true,
  }) as ChildProcessByStdio<Writable | null, Readable, Readable>;
  const { pid, stdin, stdout, stderr } = child;
  const files = child.stdio as readonly (Readable | Writable | null)[];
  cancel.signal.addEventListener('abort', () => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS).unref();
  });
  const unlink = cancelWith(options.signal, cancel, pid);
  // A child that ends before it has read all breaks the pipe; that it ended says enough.
  for (const stream of files) stream?.on('error', () => {});
  if (options.input) stdin?.write(options.input);
  return {
    pid: pid ?? null,
    write: (text) => {
      if (stdin?.writable) stdin.write(text);
    },
    endInput: () => void stdin?.end(),
    stdout,
    stderr,
    files,
    kill: (signal) => void (pid !== undefined && child.kill(signal)),
    killGroup: (signal) => {
      if (pid === undefined) return;
      if (child.exitCode === null && child.signalCode === null) signalTo(-pid, signal);
      child.kill(signal);
    },
    ended: new Promise((resolve) => {
      child.once('error', ({ code }: NodeJS.ErrnoException) => {
        if (pid === undefined) resolve({ exitCode: null, failure: startFailureOf(code) ?? 'exit' });
      });
      child.once('close', (exitCode) => {
        unlink();
        resolve({ exitCode, failure: cancel.signal.aborted ? 'cancelled' : exitCode === 0 ? null : 'exit' });
      });
    }),
  };
};

/** @param pid negative for a process group. That there is none, or none any more, is no error. */
export const signalTo = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // The child has not become a leader, or is gone.
  }
};
