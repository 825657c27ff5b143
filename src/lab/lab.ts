import { holdChild } from '../host/attached.js';
import { netNamespaceOf, processesIn, signalProcess } from '../host/processes.js';
import {
  type CommandOptions,
  type CommandResult,
  runCommand,
  type StreamingChild,
  startCommand,
} from '../host/run-command.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Run } from '../model/run.js';
import { CLIENTS } from './clients.js';
import { removeControlGroups } from './control-groups.js';
import { enter, type Holder, inLabNetns, isAlive, shell, startHolder } from './holder.js';
import { SERVERS } from './servers.js';
import { buildScript, changeScript, type LabNetns, type Topology } from './topology.js';

export interface LabOptions {
  readonly topology: Topology;
  /** The lab outlives this process. Without it the lab dies with us, SIGKILL included. @default false */
  readonly lasting?: boolean;
  /** Root has rights in the lab alone too, as an ordinary user has. @default false */
  readonly confined?: boolean;
  /** Command that starts the program, for `trace`. */
  readonly program: readonly string[];
  /** Environment of every command in the lab. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface LabExecOptions extends CommandOptions {
  /** @default 'host' */
  readonly netns?: LabNetns;
}

export interface TraceResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The run document; `null` when the program printed none. */
  readonly run: Run | null;
}

/** A practice network that runs. */
export interface Lab {
  readonly topology: Topology;
  readonly holder: Holder;
  /** The full command, from outside, for `argv` in a namespace of the lab. */
  command(argv: readonly string[], netns?: LabNetns): readonly string[];
  /** Runs a command (a string is shell text) to its end. Never throws for what the command does. */
  exec(command: string | readonly string[], options?: LabExecOptions): Promise<CommandResult>;
  /** Runs shell commands in the host namespace, in order. @throws KnownError at the first that fails */
  run(commands: readonly string[]): Promise<void>;
  /** Starts a command that goes on; it ends with the lab at the latest. */
  start(command: readonly string[], netns?: LabNetns): StreamingChild;
  /** Runs `vethoscope trace … --json` in the host namespace. */
  trace(args: readonly string[], options?: CommandOptions): Promise<TraceResult>;
  /** Accepts TCP connections on an address of a namespace, and closes each at once. Settles when it listens. */
  serve(netns: LabNetns, address: string, port: number): Promise<void>;
  /** Sends each UDP datagram that comes to an address of a namespace back. Settles when it listens. */
  echo(netns: LabNetns, address: string, port: number): Promise<void>;
  /**
   * Answers DNS queries on port 53 of an address: `example.test` has a record, `big.test` only over TCP, and no other name
   * exists; not 0.0.0.0, so that answers come from it. Settles when it listens.
   */
  nameServer(netns: LabNetns, address: string): Promise<void>;
  /** PIDs of everything that runs in the lab's namespaces, its holder included. */
  processes(): Promise<readonly number[]>;
  /** Ends every process in the lab's namespaces, and with them the lab. */
  close(): Promise<void>;
}

/** What we run in a lab ends when we are killed. @see setpriv(1) */
const DIES_WITH_US = ['setpriv', '--pdeathsig', 'TERM', '--'] as const;

const BUILD_TIMEOUT_MS = 60_000;
const TRACE_TIMEOUT_MS = 60_000;
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * Builds a topology in namespaces of its own.
 * @throws KnownError when namespaces are not to be had or a command of the topology fails
 */
export const createLab = async (options: LabOptions): Promise<Lab> => {
  const { topology } = options;
  if (topology.rootOnly && process.getuid?.() !== 0)
    throw new KnownError(`the network ${topology.id} needs root`, { exitCode: EXIT.noPrivilege });
  await removeControlGroups();
  const { holder, release } = await startHolder(options.lasting ?? false, options.confined ?? false);
  const lab = attachLab(holder, options, release);
  try {
    await runScript(lab, buildScript(topology), `cannot build the network ${topology.id}`);
    for (const { netns, address, port, kind = 'tcp' } of topology.services ?? [])
      await listen(holder, netns, SERVERS[kind], [address, String(port)]);
    for (const { netns, address, port, protocol } of topology.clients ?? [])
      await listen(holder, netns, CLIENTS[protocol], [address, String(port)]);
    return lab;
  } catch (error) {
    await lab.close();
    throw error;
  }
};

/** A lab that runs already. */
export const attachLab = (
  holder: Holder,
  { topology, program, env = {} }: Omit<LabOptions, 'lasting' | 'confined'>,
  release: () => void = () => undefined,
): Lab => {
  const command: Lab['command'] = (argv, netns = 'host') =>
    enter(holder, inLabNetns(netns, [...DIES_WITH_US, ...argv]));
  const exec: Lab['exec'] = (text, { netns, ...options } = {}) =>
    runCommand(command(typeof text === 'string' ? shell(text) : text, netns), {
      ...options,
      env: { ...env, ...options.env },
    });
  const lab: Lab = {
    topology,
    holder,
    command,
    exec,
    run: (commands) => runScript(lab, changeScript(topology, commands), 'a command of the lab failed'),
    start: (argv, netns) => startCommand(command(argv, netns), { env }),
    trace: async (args, options) => {
      const result = await exec([...program, 'trace', ...args, '--json'], { timeoutMs: TRACE_TIMEOUT_MS, ...options });
      return { ...result, run: runDocument(result.stdout) };
    },
    serve: (netns, address, port) => listen(holder, netns, SERVERS.tcp, [address, String(port)]),
    nameServer: (netns, address) => listen(holder, netns, SERVERS.dns, [address, '53']),
    echo: (netns, address, port) => listen(holder, netns, SERVERS.echo, [address, String(port)]),
    processes: async () => processesIn(await labNamespaces(holder)),
    close: async () => {
      await endProcesses(holder);
      release();
      await removeControlGroups();
    },
  };
  return lab;
};

const runScript = async (lab: Lab, script: string, what: string): Promise<void> => {
  const result = await lab.exec(script, { timeoutMs: BUILD_TIMEOUT_MS });
  if (result.failure === null) return;
  const words = result.stderr.trim().split('\n').join('; ') || result.failure;
  throw new KnownError(`${what}: ${words}`, { exitCode: EXIT.bug });
};

const runDocument = (text: string): Run | null => {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === 'object' && document !== null && 'schema' in document ? (document as Run) : null;
  } catch {
    return null;
  }
};

/** Starts a server or a client that ends with the lab; settles when it listens, or its flow is under way. */
const listen = async (holder: Holder, netns: LabNetns, program: string, args: readonly string[]): Promise<void> => {
  const server = [process.execPath, '-e', program, ...args, String(holder.pid)];
  await holdChild(enter(holder, inLabNetns(netns, server)), { lasting: true });
};

/** Kills whatever runs in one of the lab's network namespaces; never anything in ours. */
const endProcesses = async (holder: Holder): Promise<void> => {
  const deadline = Date.now() + CLOSE_TIMEOUT_MS;
  const namespaces = await labNamespaces(holder);
  for (;;) {
    const pids = await processesIn(namespaces);
    if (pids.length === 0 || Date.now() > deadline) return;
    for (const pid of pids) signalProcess(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

const labNamespaces = async (holder: Holder): Promise<ReadonlySet<string>> => {
  if (!(await isAlive(holder))) return new Set();
  const listed = await runCommand(enter(holder, shell('stat -L -c "net:[%i]" /proc/self/ns/net /run/netns/*')));
  const own = await netNamespaceOf('self');
  return new Set(listed.stdout.split('\n').filter((name) => name.startsWith('net:[') && name !== own));
};
