import type { Readable, Writable } from 'node:stream';
import { startCommand } from './run-command.js';

/** The streams of one shell that reads commands. */
export interface LaneStreams {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** Shells that were started as one process of ours. */
export interface LaneGroup {
  /** The process, which enters the namespace; `null` where it could not be started. */
  readonly pid: number | null;
  readonly lanes: readonly LaneStreams[];
  /** Ends all of them and what they run, at once. */
  kill(): void;
  /** Settles when all of them have ended; never rejects. */
  readonly gone: Promise<unknown>;
}

/** A shell names files by one digit, of which each lane takes three and the first of them one more. */
export const MOST_LANES = 3;

/** The first lane's input, since a shell takes standard input away from what runs beside it. */
const FIRST_INPUT = 9;

/**
 * Starts the lanes, each with the outputs that are its own, and ends with the last of them. When we end, also when we are
 * killed, the kernel sends SIGTERM to this shell, which kills the whole group.
 * @see setpriv(1), prctl(2) PR_SET_PDEATHSIG
 */
const scriptOf = (count: number): string => {
  const files = Array.from({ length: 3 * count }, (_, index) => index).slice(3);
  const closed = [FIRST_INPUT, ...files].map((file) => `${file}>&-`).join(' ');
  const lanes = Array.from({ length: count }, (_, lane) => {
    const input = lane === 0 ? FIRST_INPUT : 3 * lane;
    return `sh <&${input} >&${3 * lane + 1} 2>&${3 * lane + 2} ${closed} &`;
  });
  return ["trap 'kill -KILL 0' TERM", `exec ${FIRST_INPUT}<&0`, ...lanes, `exec <&- >&- 2>&- ${closed}`, 'wait'].join(
    '\n',
  );
};

/**
 * Starts up to `MOST_LANES` shells by starting one process: that takes Node milliseconds of its only thread, and a shell a
 * fraction of one.
 * @param netns the network namespace that they enter, by path; `null` for our own
 */
export const startLaneGroup = (netns: string | null, count: number, signal: AbortSignal | undefined): LaneGroup => {
  const enter = netns === null ? [] : ['nsenter', `--net=${netns}`, '--'];
  const argv = ['setpriv', '--pdeathsig', 'TERM', ...enter, 'sh', '-c', scriptOf(count)];
  const child = startCommand(argv, { signal, input: '', leads: true, more: 3 * (count - 1) });
  const lanes = Array.from({ length: count }, (_, lane) => {
    const [stdin, stdout, stderr] = child.files.slice(3 * lane, 3 * lane + 3);
    return { stdin, stdout, stderr } as LaneStreams;
  });
  return { pid: child.pid, lanes, kill: () => child.killGroup('SIGKILL'), gone: child.ended };
};
