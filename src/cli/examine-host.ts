import { release } from 'node:os';
import { errorCode, findProgram, isWritable, readTextFile } from '../host/files.js';
import { pathExists } from '../host/proc.js';
import { installCommand, type Program, programsOfHost } from '../host/programs.js';
import { runCommand } from '../host/run-command.js';

export interface ToolState {
  readonly name: string;
  readonly path: string | null;
  readonly version: string | null;
  readonly needed: boolean;
  readonly costs: string;
}

export interface CapabilityState {
  readonly name: string;
  readonly held: boolean;
  readonly unlocks: string;
}

/** What a host offers to this program. */
export interface Examination {
  readonly kernel: string;
  readonly tools: readonly ToolState[];
  readonly backends: readonly { readonly name: string; readonly usable: boolean; readonly detail: string }[];
  readonly tracefs: { readonly usable: boolean; readonly detail: string };
  readonly privileges: { readonly uid: number; readonly capabilities: readonly CapabilityState[] };
  /** Command for the missing packages; `null` when nothing is missing. */
  readonly install: string | null;
}

/** Bit numbers of capability.h. */
const CAPABILITIES = [
  { name: 'CAP_NET_ADMIN', bit: 12, unlocks: 'reading the rules of iptables and nftables' },
  { name: 'CAP_NET_RAW', bit: 13, unlocks: 'capturing, and sending ICMP probes' },
  { name: 'CAP_SYS_PTRACE', bit: 19, unlocks: "finding the namespaces of other users' processes" },
  { name: 'CAP_SYS_ADMIN', bit: 21, unlocks: "entering a container's network namespace" },
] as const;

const TRACEFS = '/sys/kernel/tracing/instances';
const PROC_FILE_BYTES = 1024 * 1024;

/** Examines this host. Changes nothing. */
export const examineHost = async (signal: AbortSignal): Promise<Examination> => {
  const programs = programsOfHost(pathExists);
  const [tools, backends, tracefs, capabilities] = await Promise.all([
    Promise.all(programs.map((program) => toolState(program, signal))),
    Promise.all([...BACKENDS.map(([name, argv]) => backendState(name, argv, signal)), legacyState()]),
    tracefsState(),
    heldCapabilities(),
  ]);
  const missing = programs.filter(({ name }) => tools.some((tool) => tool.name === name && tool.path === null));
  return {
    kernel: release(),
    tools,
    backends,
    tracefs,
    privileges: { uid: process.geteuid?.() ?? 0, capabilities },
    install: installCommand(missing),
  };
};

const toolState = async (program: Program, signal: AbortSignal): Promise<ToolState> => {
  const { name, needed, costs } = program;
  const path = await findProgram(name);
  const version = path === null ? null : await versionOf([path, ...program.version], signal);
  return { name, path, version, needed, costs };
};

/** The first number with a dot in what the program prints, such as `1.10.3` or `6.1.0`. */
const versionOf = async (argv: readonly string[], signal: AbortSignal): Promise<string> => {
  const { stdout, stderr } = await runCommand(argv, { signal, timeoutMs: 2000 });
  return /\d+(?:\.\d+)+(?:p\d+)?|\b\d{8}\b/.exec(stdout)?.[0] ?? /\d+(?:\.\d+)+/.exec(stderr)?.[0] ?? 'unknown';
};

const BACKENDS: readonly (readonly [string, readonly string[]])[] = [
  ['nftables', ['nft', 'list', 'tables']],
  ['iptables (nft)', ['iptables-nft-save', '-t', 'filter']],
];

const backendState = async (name: string, argv: readonly string[], signal: AbortSignal) => {
  const { failure, stderr } = await runCommand(argv, { signal });
  const words = stderr.trim().split('\n')[0] ?? '';
  const detail = failure === null ? '' : failure === 'missing-tool' ? `${argv[0]} is missing` : words;
  return { name, usable: failure === null, detail };
};

const LEGACY_TABLES = '/proc/self/net/ip_tables_names';

/** Asked of /proc, because the tool itself would load the kernel's module. */
const legacyState = async () => {
  const name = 'iptables (legacy)';
  const tables = await readTextFile(LEGACY_TABLES, PROC_FILE_BYTES).catch((error: unknown) => errorCode(error) ?? '');
  if (tables === 'ENOENT') return { name, usable: true, detail: 'its kernel module is not loaded: not in use' };
  if (tables === 'EACCES' || tables === 'EPERM') return { name, usable: false, detail: 'needs CAP_NET_ADMIN' };
  const used = tables.trim().split(/\s+/).filter(Boolean);
  return { name, usable: true, detail: used.length === 0 ? 'no table in use' : `tables in use: ${used.join(', ')}` };
};

const tracefsState = async (): Promise<Examination['tracefs']> => {
  if (await isWritable(TRACEFS)) return { usable: true, detail: TRACEFS };
  const mounts = await readTextFile('/proc/self/mounts', PROC_FILE_BYTES).catch(() => '');
  const mounted = mounts.split('\n').some((line) => line.split(' ')[2] === 'tracefs');
  return { usable: false, detail: mounted ? `${TRACEFS} cannot be written` : 'tracefs is not mounted' };
};

const heldCapabilities = async (): Promise<readonly CapabilityState[]> => {
  const status = await readTextFile('/proc/self/status', PROC_FILE_BYTES).catch(() => '');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return CAPABILITIES.map(({ name, bit, unlocks }) => ({
    name,
    held: ((effective >> BigInt(bit)) & 1n) === 1n,
    unlocks,
  }));
};
