import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { readdir, rmdir, writeFile } from 'node:fs/promises';
import { cpus, setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { ownStartTime, processStartTime } from './processes.js';
import { childEnvironment } from './run-command.js';
import { findTracefs, type Tracefs, TracefsUnavailable } from './tracefs.js';

/**
 * A trace instance of our own: its buffer, events, filters and clock are nobody else's. The clock is CLOCK_MONOTONIC, which
 * never steps and is the same on all processors.
 */
export interface TraceInstance {
  readonly name: string;
  /** Its folder, as this process sees it. */
  readonly path: string;
  /** Text of `trace_pipe`, as it comes. */
  readonly output: Readable;
  /** Content of a file of the instance; `null` when there is none. */
  read(file: string): string | null;
  /** The kernel needs some milliseconds to enable an event. Rejects with the system's error. */
  write(file: string, text: string): Promise<void>;
  /** For what takes the kernel no time. An instance that is removed already has nothing to be written. */
  writeNow(file: string, text: string): void;
  /**
   * Has the instance removed, which takes the kernel some 40 ms. It also happens by itself when we end, however we end,
   * so that an exit handler need not wait. Callable more than once.
   */
  remove(): void;
  /** Settles when the instance is removed; never rejects. */
  readonly gone: Promise<void>;
}

const PREFIX = 'vethoscope-';
/** The kernel rounds up to whole pages; together with that it stays below 256. */
const MAX_BUFFER_KB = 250;
const MIN_BUFFER_KB = 32;
/** Of all processors together: a host with hundreds of them keeps its memory. */
const ALL_BUFFERS_KB = 16 * 1024;

/**
 * Mounts tracefs where it is not mounted; makes the instance, which takes the kernel some 50 ms, and says so with an empty
 * line; reads the events for us, because Node cannot wait for such a file, until its standard input ends, which the kernel
 * closes when we end, SIGKILL included; then removes the instance. It goes before other work, because the buffer is small.
 * Signals of the terminal are not for it; whom it writes to may be gone.
 */
const READER = `
trap '' HUP INT TERM PIPE
serve() {
  echo "$2" >"$1/buffer_size_kb" && echo mono >"$1/trace_clock" && echo || return
  cat <&3 2>/dev/null &
  read -r _
  kill -KILL $! && wait $!
}
[ -d "$2/instances" ] || mount -t tracefs tracefs "$2" || exit
cd "$2/instances" && mkdir "$0" && { serve "$0" "$1" 3<"$0/trace_pipe"; exec rmdir "$0"; }
`;
/** Nobody else sees what is mounted there. */
const UNSEEN = ['unshare', '--mount', '--propagation', 'private'];

let instances = 0;

/**
 * Makes a trace instance with a buffer of at most 256 KiB for each processor, and reads it. Instances that a killed run
 * left behind are removed first.
 * @throws TracefsUnavailable with the reason
 * @see https://docs.kernel.org/trace/ftrace.html, "Instances"
 */
export const openTraceInstance = async (): Promise<TraceInstance> => {
  if (process.geteuid?.() !== 0) throw new TracefsUnavailable('only root can read the events of the kernel');
  const tracefs = findTracefs();
  try {
    const instance = await startInstance(tracefs);
    const stale = removeStale(dirname(instance.path));
    return { ...instance, gone: Promise.all([instance.gone, stale]).then(() => {}) };
  } catch (error) {
    throw new TracefsUnavailable(wordsFor(tracefs, error instanceof Error ? error.message : String(error)), {
      cause: error,
    });
  }
};

const wordsFor = ({ mounted }: Tracefs, message: string): string => {
  const [words = ''] = message.split('\n');
  if (!mounted && /\b(unshare|mount): |ENOENT/.test(words)) return `tracefs is not mounted and cannot be: ${words}`;
  if (/not permitted|permission denied/i.test(words))
    return 'this system does not allow it (kernel lockdown, or a container)';
  if (/read-only/i.test(words)) return 'the tracing folder is read-only';
  return /no such file|can't cd/i.test(words) ? 'this kernel has no tracing instances' : words;
};

/** The kernel refuses to remove an instance that is being read (EBUSY), whoever reads it. */
const removeStale = async (folder: string): Promise<void> => {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(PREFIX));
  for (const name of names) if (!(await isOwnerAlive(name))) await rmdir(join(folder, name)).catch(() => undefined);
};

/** Names are `vethoscope-PID-STARTTIME-N`. One of another PID namespace may look dead; its reader keeps it. */
const isOwnerAlive = async (name: string): Promise<boolean> => {
  const [pid = '', startTime] = name.slice(PREFIX.length).split('-');
  return /^\d+$/.test(pid) && (await processStartTime(Number(pid))) === startTime;
};

const startInstance = async (tracefs: Tracefs): Promise<TraceInstance> => {
  instances += 1;
  const name = `${PREFIX}${process.pid}-${ownStartTime()}-${instances}`;
  const child = await startReader(tracefs, name);
  const root = tracefs.mounted ? '' : `/proc/${child.pid}/root`;
  const path = join(`${root}${tracefs.path}`, 'instances', name);
  return {
    name,
    path,
    output: child.stdout,
    read: (file) => contentOf(join(path, file)),
    write: (file, text) => writeFile(join(path, file), text),
    writeNow: (file, text) => {
      try {
        writeFileSync(join(path, file), text);
      } catch {
        // It is gone.
      }
    },
    remove: () => child.stdin.destroy(),
    gone: new Promise((resolve) => child.once('close', () => resolve())),
  };
};

const contentOf = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

const bufferKb = (): number =>
  Math.max(MIN_BUFFER_KB, Math.min(MAX_BUFFER_KB, Math.floor(ALL_BUFFERS_KB / cpus().length)));

/** @throws Error with the words of what failed */
const startReader = (
  { path, mounted }: Tracefs,
  name: string,
): Promise<ChildProcessByStdio<Writable, Readable, Readable>> =>
  new Promise((resolve, reject) => {
    const reader = ['sh', '-c', READER, name, `${bufferKb()}`, path];
    const [file = '', ...args] = mounted ? reader : [...UNSEEN, ...reader];
    const child = spawn(file, args, { detached: true, env: childEnvironment(), stdio: ['pipe', 'pipe', 'pipe'] });
    let words = '';
    const failed = (): void => reject(new Error(words));
    if (child.pid !== undefined) beforeOthers(child.pid);
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => {
      words += chunk;
    });
    child.once('error', reject);
    child.once('close', failed);
    child.stdout.once('data', () => {
      child.off('close', failed);
      resolve(child);
    });
  });

/** What it starts is of its priority. In a container root may not raise one; the reader does without. */
const beforeOthers = (pid: number): void => {
  try {
    setPriority(pid, -20);
  } catch {
    // EACCES, or it has ended already, which its own words explain.
  }
};
