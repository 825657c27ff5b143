import { randomBytes } from 'node:crypto';
import { MarkedOutput } from './marked-output.js';
import { type CommandOptions, type CommandResult, runCommand, startCommand } from './run-command.js';

/** Runs a command to its end; never throws. */
export type CommandRunner = (argv: readonly string[], options?: CommandOptions) => Promise<CommandResult>;

interface Job {
  readonly argv: readonly string[];
  readonly options: CommandOptions;
  readonly resolve: (result: CommandResult) => void;
}

const DEFAULT_TIMEOUT_MS = 5000;
/**
 * A lane ends with us, also when we are killed: `timeout` gets SIGTERM then and hands it on to its process group. At the
 * latest it ends by itself after a minute.
 * @see setpriv(1), timeout(1), prctl(2) PR_SET_PDEATHSIG
 */
const BOUND_TO_US = ['setpriv', '--pdeathsig', 'TERM', 'timeout', '-k', '1', '60'];

/**
 * Runs commands one after another in a few shells instead of one process each: starting a process from Node costs some
 * milliseconds of its only thread, starting one from a shell a fraction of one. What is asked for in one turn of the
 * event loop goes to the shells together. The words of the commands are positional parameters, never shell text. A
 * command that outlasts its time limit ends its shell; what stood behind it is then run by itself. A program that once
 * gave no answer is not asked again.
 */
export class CommandBatch {
  readonly #lanes: number;
  readonly #silent = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  #waiting: Job[] = [];

  constructor(lanes: number) {
    this.#lanes = lanes;
  }

  readonly run: CommandRunner = (argv, options = {}) =>
    new Promise((resolve) => {
      if (this.#silent.has(programOf(argv))) {
        resolve(givenUp(argv, 'timeout', 0));
        return;
      }
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ argv, options, resolve });
    });

  #flush(): void {
    const jobs = this.#waiting;
    this.#waiting = [];
    const lanes = Array.from({ length: Math.min(this.#lanes, jobs.length) }, (_, lane) =>
      jobs.filter((_job, index) => index % this.#lanes === lane),
    );
    for (const lane of lanes) {
      const running = runLane(lane, this.#silent).finally(() => this.#running.delete(running));
      this.#running.add(running);
    }
  }

  /** Settles when every shell that was started is gone. */
  async gone(): Promise<void> {
    await Promise.all(this.#running);
  }
}

const runLane = async (jobs: readonly Job[], silent: Set<string>): Promise<void> => {
  const mark = randomBytes(12).toString('hex');
  const { script, words } = scriptOf(jobs);
  const signal = jobs[0]?.options.signal;
  const child = startCommand([...BOUND_TO_US, 'sh', '-c', script, 'sh', mark, ...words], { signal });
  const [output, errors] = [new MarkedOutput(mark, child.stdout), new MarkedOutput(mark, child.stderr)];
  let next = 0;
  let began = performance.now();
  let stalled = false;
  for (const job of jobs) {
    const limit = job.options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const late = setTimeout(() => {
      stalled = true;
      child.killGroup('SIGKILL');
    }, limit);
    const [stdout, stderr] = await Promise.all([output.next(), errors.next()]);
    clearTimeout(late);
    if (stdout === null || stderr === null) break;
    const now = performance.now();
    job.resolve(resultOf(job.argv, stdout.status, stdout.text, stderr.text, now - began));
    began = now;
    next += 1;
  }
  const [broken, ...rest] = jobs.slice(next);
  if (broken === undefined) {
    await child.ended;
    return;
  }
  const cancelled = signal?.aborted === true;
  if (stalled || cancelled) {
    const ms = performance.now() - began;
    if (!cancelled) silent.add(programOf(broken.argv));
    broken.resolve(givenUp(broken.argv, cancelled ? 'cancelled' : 'timeout', ms));
  } else runAlone(broken);
  for (const job of rest) {
    if (silent.has(programOf(job.argv))) job.resolve(givenUp(job.argv, 'timeout', 0));
    else runAlone(job);
  }
  await child.ended;
};

/** The program that a command runs in the end: behind nsenter the one that nsenter starts. */
const programOf = (argv: readonly string[]): string =>
  (argv[0] === 'nsenter' ? argv[argv.indexOf('--') + 1] : argv[0]) ?? '';

const givenUp = (
  argv: readonly string[],
  failure: NonNullable<CommandResult['failure']>,
  ms: number,
): CommandResult => ({ argv, exitCode: null, stdout: '', stderr: '', ms, failure });

const runAlone = ({ argv, options, resolve }: Job): void => void runCommand(argv, options).then(resolve);

const resultOf = (
  argv: readonly string[],
  exitCode: number,
  stdout: string,
  stderr: string,
  ms: number,
): CommandResult => ({ argv, exitCode, stdout, stderr, ms, failure: failureOf(argv, exitCode) });

/** The shell's own exit codes: 127 not found, 126 not executable. Behind nsenter they are its child's. */
const failureOf = ([program]: readonly string[], exitCode: number): CommandResult['failure'] => {
  if (exitCode === 0) return null;
  if (program !== 'nsenter' && exitCode === 127) return 'missing-tool';
  if (program !== 'nsenter' && exitCode === 126) return 'not-permitted';
  return 'exit';
};

/**
 * The script that runs the jobs: each word is a positional parameter, and after each job both outputs get the mark with
 * the exit code.
 */
const scriptOf = (jobs: readonly Job[]): { readonly script: string; readonly words: readonly string[] } => {
  const words: string[] = [];
  const parameter = (word: string): string => `"\${${words.push(word) + 1}}"`;
  const lines = jobs.map(({ argv, options }) => {
    const feed = options.input === undefined ? '' : `printf %s ${parameter(options.input)} | `;
    const input = options.input === undefined ? ' </dev/null' : '';
    return `${feed}${argv.map(parameter).join(' ')}${input}; end $?`;
  });
  const end = 'end() { printf "\\000%s %d\\n" "$mark" "$1"; printf "\\000%s %d\\n" "$mark" "$1" >&2; }';
  return { script: ['mark=$1', end, ...lines].join('\n'), words };
};
