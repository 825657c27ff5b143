import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { type FileHandle, mkdir, open, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { errorCode } from './files.js';
import { processStartTime } from './processes.js';
import { childEnvironment } from './run-command.js';
import { openTracefs, type Tracefs, TracefsUnavailable } from './tracefs.js';

/** A trace instance of our own: its buffer, events, filters and clock are nobody else's. */
export interface TraceInstance {
  readonly name: string;
  /** Text of `trace_pipe`, as it comes. */
  readonly output: Readable;
  /** Content of a file of the instance; `null` when there is none. */
  read(file: string): Promise<string | null>;
  /** @throws the system's error */
  write(file: string, text: string): Promise<void>;
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
 * Reads the events (descriptor 3) for us, because Node cannot wait for such a file, until its standard input ends, which
 * the kernel closes when we end, SIGKILL included; then removes the instance. It goes before other work, because the buffer is small. Signals of the terminal are not for
 * it.
 */
const READER = `
trap '' HUP INT TERM
nice -n -20 cat <&3 3<&- 2>/dev/null &
exec 3<&-
read -r _
kill -KILL $! && wait $!
rmdir "$0"
`;

let instances = 0;

/**
 * Makes a trace instance with a buffer of at most 256 KiB for each processor, and reads it. Instances that a killed run
 * left behind are removed first.
 * @throws TracefsUnavailable with the reason
 * @see https://docs.kernel.org/trace/ftrace.html, "Instances"
 */
export const openTraceInstance = async (): Promise<TraceInstance> => {
  if (process.geteuid?.() !== 0) throw new TracefsUnavailable('only root can read the events of the kernel');
  const tracefs = await openTracefs();
  try {
    const folder = join(tracefs.path, 'instances');
    await removeStale(folder);
    return await startInstance(tracefs, folder);
  } catch (error) {
    await tracefs.close();
    throw new TracefsUnavailable(wordsFor(error), { cause: error });
  }
};

const wordsFor = (error: unknown): string => {
  const code = errorCode(error);
  if (code === 'EPERM' || code === 'EACCES') return 'this system does not allow it (kernel lockdown, or a container)';
  if (code === 'EROFS') return 'the tracing folder is read-only';
  if (code === 'ENOENT') return 'this kernel has no tracing instances';
  return error instanceof Error ? error.message : String(error);
};

/** The kernel refuses to remove an instance that is being read (EBUSY), whoever reads it. */
const removeStale = async (folder: string): Promise<void> => {
  const names = (await readdir(folder)).filter((name) => name.startsWith(PREFIX));
  for (const name of names) if (!(await isOwnerAlive(name))) await rmdir(join(folder, name)).catch(() => undefined);
};

/** Names are `vethoscope-PID-STARTTIME-N`. One of another PID namespace may look dead; its reader keeps it. */
const isOwnerAlive = async (name: string): Promise<boolean> => {
  const [pid = '', startTime] = name.slice(PREFIX.length).split('-');
  return /^\d+$/.test(pid) && (await processStartTime(Number(pid))) === startTime;
};

const startInstance = async (tracefs: Tracefs, folder: string): Promise<TraceInstance> => {
  instances += 1;
  const number = instances;
  const name = `${PREFIX}${process.pid}-${await processStartTime(process.pid)}-${number}`;
  const path = join(folder, name);
  await mkdir(path);
  let pipe: FileHandle | null = null;
  try {
    pipe = await open(join(path, 'trace_pipe'));
    await writeFile(join(path, 'buffer_size_kb'), `${bufferKb()}`);
    const child = await startReader(folder, name, pipe.fd);
    await pipe.close();
    return {
      name,
      output: child.stdout,
      read: (file) => readFile(join(path, file), 'utf8').catch(() => null),
      write: (file, text) => writeFile(join(path, file), text),
      remove: () => child.stdin.destroy(),
      gone: new Promise((resolve) => child.once('close', () => void tracefs.close().finally(resolve))),
    };
  } catch (error) {
    await pipe?.close();
    await rmdir(path).catch(() => undefined);
    throw error;
  }
};

const bufferKb = (): number =>
  Math.max(MIN_BUFFER_KB, Math.min(MAX_BUFFER_KB, Math.floor(ALL_BUFFERS_KB / cpus().length)));

type Reader = ChildProcessByStdio<Writable, Readable, null>;

const startReader = (folder: string, name: string, pipe: number): Promise<Reader> =>
  new Promise((resolve, reject) => {
    const child: unknown = spawn('sh', ['-c', READER, name], {
      cwd: folder,
      detached: true,
      env: childEnvironment(),
      stdio: ['pipe', 'pipe', 'ignore', pipe],
    });
    const reader = child as Reader;
    reader.stdin.on('error', () => undefined);
    reader.once('error', reject);
    reader.once('spawn', () => resolve(reader));
  });
