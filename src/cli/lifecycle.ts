import { setMaxListeners } from 'node:events';
import { EXIT } from '../model/errors.js';

/** Milliseconds that cleaning up may take after a signal, where the work asks for no more. */
const CLEANUP_MS = 3_000;

const SIGNAL_EXIT = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: 129, SIGPIPE: 141 } as const;

/** Why the work was cut short; the reason of the abort signal. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly signal: keyof typeof SIGNAL_EXIT;

  constructor(signal: keyof typeof SIGNAL_EXIT) {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}

export interface Supervision {
  /** Aborts when the work shall end, with an `Interruption` as the reason. */
  readonly signal: AbortSignal;
  /** From now on the terminal's Ctrl-C is left to the child that has the terminal. */
  leaveTerminalToChild(): void;
  /** From now on cleaning up may take so many milliseconds. */
  allowForCleanup(milliseconds: number): void;
  /** Called before an error is printed and before the process ends, so that the terminal is as it was. Synchronous. */
  guardTerminal(restore: () => void): void;
}

/**
 * Runs the program's work and ends the process: the only exit there is. The first SIGINT, SIGTERM or SIGHUP aborts the
 * work and waits for its cleaning up; a second one, or the deadline, ends at once. A closed standard output aborts
 * quietly, as SIGPIPE would.
 * @param work ends with the exit code
 * @param explain prints an error that the work threw, and gives its exit code
 */
export const superviseProgram = async (
  work: (supervision: Supervision) => Promise<number>,
  explain: (error: unknown) => number,
): Promise<never> => {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  let interruption: Interruption | null = null;
  let crash: number | null = null;
  let childHasTerminal = false;
  let cleanupMs = CLEANUP_MS;
  let restoreTerminal = (): void => {};
  process.on('exit', () => restoreTerminal());

  const stop = (reason: Error, code: number): void => {
    setTimeout(() => process.exit(code), cleanupMs).unref();
    controller.abort(reason);
  };
  const interrupt = (signal: keyof typeof SIGNAL_EXIT): void => {
    if (signal === 'SIGINT' && childHasTerminal) return;
    if (interruption !== null) process.exit(SIGNAL_EXIT[interruption.signal]);
    interruption = new Interruption(signal);
    stop(interruption, SIGNAL_EXIT[signal]);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt(signal));

  process.stdout.on('error', () => {
    interruption ??= new Interruption('SIGPIPE');
    controller.abort(interruption);
  });
  process.stderr.on('error', () => undefined);

  const crashed = (error: unknown): void => {
    if (controller.signal.aborted) return;
    restoreTerminal();
    crash = explain(error);
    stop(error instanceof Error ? error : new Error(String(error)), crash);
  };
  process.on('uncaughtException', crashed);
  process.on('unhandledRejection', crashed);

  let code: number;
  try {
    code = await work({
      signal: controller.signal,
      leaveTerminalToChild: () => {
        childHasTerminal = true;
      },
      allowForCleanup: (milliseconds) => {
        cleanupMs = milliseconds;
      },
      guardTerminal: (restore) => {
        restoreTerminal = restore;
      },
    });
    await flushed();
  } catch (error) {
    code = controller.signal.aborted ? EXIT.bug : explain(error);
    await flushed();
  }
  process.exit(crash ?? (interruption === null ? code : SIGNAL_EXIT[(interruption as Interruption).signal]));
};

/** Everything that was written has left the process, or cannot leave it any more. */
const flushed = async (): Promise<void> => {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
};
