import type { Writable } from 'node:stream';
import type { LaneGroup, LaneStreams } from './lane-group.js';
import { MarkedOutput, type MarkedPart } from './marked-output.js';
import { randomHex } from './random.js';
import { type CommandOptions, type CommandResult, runCommand, signalTo } from './run-command.js';

/** A command to run, and who waits for it. */
export interface Job {
  readonly argv: readonly string[];
  readonly options: CommandOptions;
  readonly resolve: (result: CommandResult) => void;
}

export interface LaneOptions {
  /** The network namespace that its shell has entered, by path; `null` for our own. */
  readonly netns: string | null;
  readonly signal: AbortSignal | undefined;
  /** Where it was started; what outlasts its time limit ends all of it. */
  readonly group: Pick<LaneGroup, 'kill' | 'gone'>;
  /** Programs that once gave no answer. */
  readonly silent: Set<string>;
  /** Called after each job. */
  readonly onFree: () => void;
}

const DEFAULT_TIMEOUT_MS = 5000;
const INTERRUPT_AGAIN_MS = 50;
/** What a shell has before it at most: the next command begins at once, and few wait behind one that takes long. */
export const FULL = 3;
/**
 * One shell that runs one command after another. The words of the commands reach it quoted, never as shell text. A
 * command that outlasts its time limit ends the shell, and those that were started with it; what they ran or had still
 * to run is then run by itself.
 */
export class CommandLane {
  readonly #options: LaneOptions;
  readonly #stdin: Writable;
  readonly #output: MarkedOutput;
  readonly #errors: MarkedOutput;
  readonly #jobs: Job[] = [];
  #working = false;
  /** Why we ended the shell while a command ran. */
  #ended: 'timeout' | 'too-much-output' | null = null;
  #open = true;

  constructor({ stdin, stdout, stderr }: LaneStreams, options: LaneOptions) {
    this.#options = options;
    this.#stdin = stdin;
    const mark = randomHex(12);
    this.#write(`end() { printf '\\000${mark} %d\\n' "$1"; printf '\\000${mark} %d\\n' "$1" >&2; }\n`);
    this.#output = new MarkedOutput(mark, stdout, () => this.#end('too-much-output'));
    this.#errors = new MarkedOutput(mark, stderr, () => this.#end('too-much-output'));
    void options.group.gone.then(() => {
      this.#open = false;
    });
  }

  /** Commands that it has not finished; one that may take long fills it. */
  get load(): number {
    return this.#jobs.reduce((sum, { options }) => sum + (options.long ? FULL : 1), 0);
  }

  /** Whether it takes commands. */
  get isOpen(): boolean {
    return this.#open;
  }

  take(job: Job): void {
    this.#jobs.push(job);
    this.#write(scriptOf(job, this.#options.netns));
    if (!this.#working) void this.#work();
  }

  /** Ends its shell when what it has taken is done. */
  close(): void {
    this.#open = false;
    this.#stdin.end();
  }

  #write(text: string): void {
    if (this.#stdin.writable) this.#stdin.write(text);
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let job = this.#jobs[0]; job !== undefined; job = this.#jobs[0]) {
      if (!(await this.#finish(job))) return;
      this.#jobs.shift();
      this.#options.onFree();
    }
    this.#working = false;
  }

  /** Waits for the end of the command that runs now. @returns whether the shell goes on */
  async #finish(job: Job): Promise<boolean> {
    const began = performance.now();
    const late = setTimeout(() => this.#end('timeout'), job.options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const started = isWatched(job) ? await this.#next() : null;
    const pid = started?.stdout?.status || null;
    const forget = pid === null ? () => {} : watch(pid, job.options);
    const { stdout, stderr } = await this.#next();
    forget();
    clearTimeout(late);
    const part = (name: 'stdout' | 'stderr', rest: string): string => (started?.[name]?.text ?? '') + rest;
    const common = { argv: job.argv, ms: performance.now() - began, ...(pid === null ? {} : { pid }) };
    if (stdout === null || stderr === null) {
      const text = { stdout: part('stdout', this.#output.rest), stderr: part('stderr', this.#errors.rest) };
      this.#breakAt(job, { ...common, ...text, exitCode: null });
      return false;
    }
    const exitCode = stdout.status;
    const isUnknown = this.#options.netns !== null && (exitCode === 126 || exitCode === 127);
    if (isUnknown) runAlone(job);
    else {
      const text = { stdout: part('stdout', stdout.text), stderr: part('stderr', stderr.text) };
      job.resolve({ ...common, ...text, exitCode, failure: failureOf(exitCode) });
    }
    return true;
  }

  /** The next part of both outputs. */
  async #next(): Promise<{ readonly stdout: MarkedPart | null; readonly stderr: MarkedPart | null }> {
    const [stdout, stderr] = await Promise.all([this.#output.next(), this.#errors.next()]);
    return { stdout, stderr };
  }

  #end(why: 'timeout' | 'too-much-output'): void {
    this.#ended ??= why;
    this.#options.group.kill();
  }

  #breakAt(broken: Job, result: Omit<CommandResult, 'failure'>): void {
    const { signal, silent, onFree } = this.#options;
    this.#open = false;
    const why = signal?.aborted === true ? 'cancelled' : this.#ended;
    if (why === 'timeout') silent.add(programOf(broken.argv));
    if (why === null) runAlone(broken);
    else broken.resolve({ ...result, failure: why });
    for (const job of this.#jobs.splice(0).slice(1)) {
      if (silent.has(programOf(job.argv))) job.resolve(givenUp(job.argv, 'timeout', 0));
      else runAlone(job);
    }
    onFree();
  }
}

/** The network namespace that a command enters, by path, where it runs in one and nothing else of it differs. */
export const netnsOfCommand = ([program, option = '', end]: readonly string[]): string | null =>
  program === 'nsenter' && option.startsWith('--net=') && end === '--' ? option.slice('--net='.length) : null;

/** A command as it is run inside of the namespace that `netnsOfCommand` tells. */
export const inside = (argv: readonly string[], netns: string | null): readonly string[] =>
  netns === null ? argv : argv.slice(3);

/** The program that a command runs in the end: behind nsenter the one that nsenter starts. */
export const programOf = (argv: readonly string[]): string =>
  (argv[0] === 'nsenter' ? argv[argv.indexOf('--') + 1] : argv[0]) ?? '';

export const givenUp = (
  argv: readonly string[],
  failure: NonNullable<CommandResult['failure']>,
  ms: number,
): CommandResult => ({ argv, exitCode: null, stdout: '', stderr: '', ms, failure });

const runAlone = ({ argv, options, resolve }: Job): void => void runCommand(argv, options).then(resolve);

/** The shell's own exit codes: 127 not found, 126 not executable. */
const failureOf = (exitCode: number): CommandResult['failure'] => {
  if (exitCode === 0) return null;
  if (exitCode === 127) return 'missing-tool';
  return exitCode === 126 ? 'not-permitted' : 'exit';
};

/** Somebody wants to know its process, or may interrupt it. */
const isWatched = ({ options: { onStart, interrupt } }: Job): boolean =>
  onStart !== undefined || interrupt !== undefined;

/**
 * A shell has what runs beside it ignore SIGINT until it says itself what to do at one: the first may come too early.
 * @returns ends it, as soon as the process has ended
 */
const watch = (pid: number, { onStart, interrupt }: CommandOptions): (() => void) => {
  onStart?.(pid);
  let again: NodeJS.Timeout | undefined;
  const stop = (): void => {
    signalTo(pid, 'SIGINT');
    again = setInterval(() => signalTo(pid, 'SIGINT'), INTERRUPT_AGAIN_MS);
  };
  if (interrupt?.aborted) stop();
  else interrupt?.addEventListener('abort', stop, { once: true });
  return () => {
    interrupt?.removeEventListener('abort', stop);
    clearInterval(again);
  };
};

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * The lines that run a job; after it both outputs get the mark with the exit code. Of one that is watched they first get the
 * mark with its PID.
 */
const scriptOf = (job: Job, netns: string | null): string => {
  const { argv, options } = job;
  const words = inside(argv, netns).map(quoted).join(' ');
  if (isWatched(job)) return `${words} </dev/null & end $!; wait $!; end $?\n`;
  return options.input === undefined
    ? `${words} </dev/null; end $?\n`
    : `printf %s ${quoted(options.input)} | ${words}; end $?\n`;
};
