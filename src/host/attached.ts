import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { childEnvironment } from './run-command.js';

/** A child that lives as long as we hold its standard input, or, when it is lasting, until it is killed. */
export interface HeldChild {
  readonly pid: number;
  /** Closes its standard input, upon which it ends. */
  release(): void;
}

export interface HoldOptions {
  /** The child outlives us: no pipe leads to it. */
  readonly lasting: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts a child and waits for the first line of its output. A child that is not lasting gets a pipe as standard input
 * which the kernel closes when we end, SIGKILL included: a child that reads until the end of file never outlives us.
 * @throws Error with the child's own words when it ends before its first line
 */
export const holdChild = (argv: readonly string[], options: HoldOptions): Promise<HeldChild> =>
  new Promise((resolve, reject) => {
    const [file = '', ...args] = argv;
    const child = spawn(file, args, {
      detached: true,
      env: { ...process.env, ...childEnvironment(), ...options.env },
      stdio: [options.lasting ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    let words = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      words += text;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => reject(new Error(words.trim() || `${file} ended with ${signal ?? code}`)));
    child.stdout?.once('data', () => {
      child.removeAllListeners('close');
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.unref();
      if (child.pid !== undefined) resolve({ pid: child.pid, release: () => child.stdin?.destroy() });
    });
  });

/**
 * Runs a command on our own terminal, and ends with its exit code: 128 plus the number for a signal, as a shell does.
 * The terminal's own signals reach it directly; it is terminated when `signal` aborts.
 */
export const runAttached = (argv: readonly string[], signal: AbortSignal): Promise<number> =>
  new Promise((resolve, reject) => {
    const [file = '', ...args] = argv;
    const child = spawn(file, args, { stdio: 'inherit', env: { ...process.env, ...terminalEnvironment() } });
    // One that could not be started has no PID, and to kill it would signal our own process group.
    if (child.pid !== undefined) signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    child.once('error', reject);
    child.once('close', (code, name) => resolve(code ?? 128 + (name === null ? 0 : constants.signals[name])));
  });

/** A person reads what it prints, so it keeps the person's locale. */
const terminalEnvironment = (): Record<string, string> => ({ PATH: childEnvironment()['PATH'] ?? '' });

/** Starts a child that outlives us and our terminal, with nothing to read and nowhere to write. Settles when it runs. */
export const startDetached = (argv: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const [file = '', ...args] = argv;
    const child = spawn(file, args, { detached: true, cwd: '/', stdio: 'ignore' });
    child.once('error', reject);
    child.once('spawn', () => {
      child.unref();
      resolve();
    });
  });
