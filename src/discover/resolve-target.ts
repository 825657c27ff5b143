import { basename } from 'node:path';
import {
  inspectNetnsFile,
  NETNS_FOLDER,
  type NetnsFile,
  namedNetns,
  netnsPathOf,
  processExists,
  processName,
  withRealFolder,
} from '../host/proc.js';
import { runCommand } from '../host/run-command.js';
import { EXIT, KnownError } from '../model/errors.js';
import { nearNames } from '../model/near-names.js';
import type { Target } from '../model/target.js';
import { hostNetns } from './inventory.js';
import { NOTHING, type Runtime, type RuntimeContainer, type RuntimeOptions, runtimes } from './runtimes/index.js';

export type ResolveOptions = RuntimeOptions;

/**
 * The namespace that a target means: a PID, `pid:PID`, `netns:NAME`, a path, a runtime's name and a container of it
 * (`docker:web`, `pod:default/web`), or a bare name, which is looked up under `/run/netns` and in every runtime at once.
 * @throws KnownError when there is none, more than one, no permission, or it is the host's own namespace
 */
export const resolveTarget = async (spelled: string, options: ResolveOptions = {}): Promise<Target> => {
  const target = await findTarget(spelled, options);
  const file = inspectNetnsFile(target.netnsPath);
  if (file.kind !== 'netns') throw noNamespace(target, file);
  if (file.inode === hostNetns().inode) throw sharesHost(target);
  return target;
};

const usage = (message: string, hint?: string): KnownError =>
  new KnownError(message, { exitCode: EXIT.usage, ...(hint === undefined ? {} : { hint }) });

const FORMS = `a target is a container name, a PID, pid:PID, netns:NAME, a path to a namespace, or ${runtimes
  .map(({ name }) => `${name}:`)
  .join(' ')}and a name`;

const findTarget = async (spelled: string, options: ResolveOptions): Promise<Target> => {
  if (spelled === '') throw usage('the target is empty', FORMS);
  const pid = /^(?:pid:)?(\d+)$/.exec(spelled)?.[1];
  if (pid !== undefined) return pidTarget(spelled, Number(pid));
  const [, scheme, rest] = /^([a-z]+):(.*)$/s.exec(spelled) ?? [];
  if (scheme === 'pid') throw usage(`${shown(rest ?? '')} is not a PID`);
  if (scheme === 'netns') return netnsTarget(spelled, rest ?? '', options);
  const runtime = runtimes.find((candidate) => candidate.name === scheme);
  if (runtime !== undefined) return runtimeTarget(spelled, runtime, rest ?? '', options);
  if (spelled.includes('/')) return pathTarget(spelled, options);
  if (scheme !== undefined) throw usage(`${shown(`${scheme}:`)} is not a kind of target`, FORMS);
  return namedTarget(spelled, options);
};

const pidTarget = (spelled: string, pid: number): Target => {
  if (pid === 0 || !processExists(pid)) throw usage(`no process ${pid}`, 'it may have ended; see: vethoscope list');
  return { kind: 'pid', spelled, name: processName(pid) ?? `pid ${pid}`, pid, netnsPath: netnsPathOf(pid) };
};

const netnsTarget = async (spelled: string, name: string, options: ResolveOptions): Promise<Target> => {
  if (!namedNetns().includes(name)) throw await unknownName(name, `no network namespace ${shown(name)}`, options);
  return { kind: 'netns', spelled, name, pid: null, netnsPath: `${NETNS_FOLDER}/${name}` };
};

const runtimeTarget = async (
  spelled: string,
  runtime: Runtime,
  name: string,
  options: ResolveOptions,
): Promise<Target> => {
  const answer = name === '' ? NOTHING : await runtime.find(name, options);
  const [container, ...others] = answer.containers;
  if (container === undefined) {
    throw await unknownName(name, `${runtime.name} knows no container ${shown(name)}`, options, answer.trouble);
  }
  if (others.length > 0) throw ambiguous(name, answer.containers.map(formOf));
  return containerTarget(spelled, container);
};

const formOf = ({ runtime, name }: RuntimeContainer): string => `${runtime}:${name}`;

const ambiguous = (name: string, forms: readonly string[]): KnownError =>
  usage(`${shown(name)} is ambiguous`, `say which one: ${forms.map(shown).join(' or ')}`);

const containerTarget = (spelled: string, container: RuntimeContainer): Target => {
  const { name, pid, status, networkMode, networks, ports } = container;
  if (pid === 0) throw notRunning(container);
  if (networkMode === 'host') throw usesHostNetwork(name);
  const other = /^container:(.+)$/.exec(networkMode ?? '')?.[1];
  const notes = [
    ...(status === 'paused'
      ? [
          `container ${name} is paused: its kernel side still answers, its programs do not (${container.runtime} unpause ${name})`,
        ]
      : []),
    ...(other === undefined
      ? []
      : [`container ${name} has no network of its own: it uses that of container ${other.slice(0, 12)}`]),
  ];
  return {
    kind: container.runtime,
    spelled,
    name,
    pid,
    netnsPath: netnsPathOf(pid),
    ...(networks.length > 0 ? { networks: networks.map((network) => network.name) } : {}),
    ...(ports.length > 0 ? { ports } : {}),
    ...(notes.length > 0 ? { notes } : {}),
  };
};

const notRunning = ({ runtime, name, status }: RuntimeContainer): KnownError => {
  const start = runtimes.find((candidate) => candidate.name === runtime)?.startCommand(name) ?? null;
  return usage(
    `container ${shown(name)} is not running (${status}): it has no network to trace`,
    start === null ? `its owner starts it, if it should run; see: crictl ps -a` : `start it first: ${start}`,
  );
};

const usesHostNetwork = (name: string): KnownError =>
  usage(
    `container ${shown(name)} shares the host's network namespace (network mode host)`,
    "its packets are the host's own: ask the host, with: ip route get ADDRESS",
  );

/** A bind-mounted namespace file does not tell its type: entering it does. */
const pathTarget = async (spelled: string, options: ResolveOptions): Promise<Target> => {
  const pid = Number(/^\/proc\/(\d+)\//.exec(withRealFolder(spelled))?.[1] ?? Number.NaN);
  const target: Target = {
    kind: 'path',
    spelled,
    name: Number.isNaN(pid) ? basename(spelled) : (processName(pid) ?? basename(spelled)),
    pid: Number.isNaN(pid) ? null : pid,
    netnsPath: spelled,
  };
  const file = inspectNetnsFile(spelled);
  if (file.kind !== 'netns') throw noNamespace(target, file);
  const entered = await runCommand(['nsenter', `--net=${spelled}`, '--', 'true'], { signal: options.signal });
  if (/Invalid argument/.test(entered.stderr)) throw noNamespace(target, { kind: 'other-namespace' });
  return target;
};

const namedTarget = async (name: string, options: ResolveOptions): Promise<Target> => {
  const answers = await Promise.all(runtimes.map((runtime) => runtime.find(name, options)));
  const containers = withoutRepeats(answers.flatMap((answer) => answer.containers));
  const isNetns = namedNetns().includes(name);
  const [only] = containers;
  if (containers.length === 1 && only !== undefined && (!isNetns || isNetnsOf(only, name)))
    return containerTarget(name, only);
  if (containers.length > 0) throw ambiguous(name, [...(isNetns ? [`netns:${name}`] : []), ...containers.map(formOf)]);
  if (isNetns) return { kind: 'netns', spelled: name, name, pid: null, netnsPath: `${NETNS_FOLDER}/${name}` };
  const trouble = answers.flatMap((answer) => answer.trouble ?? []).join('; ');
  throw await unknownName(name, `no container or network namespace ${shown(name)}`, options, trouble || null);
};

/** Several runtimes may name the same process: nerdctl and containerd do. */
const withoutRepeats = (containers: readonly RuntimeContainer[]): readonly RuntimeContainer[] =>
  containers.filter(({ pid }, index) => pid === 0 || containers.findIndex((other) => other.pid === pid) === index);

/** A runtime may have given its container's namespace the same name: that is one target, and the process is worth more. */
const isNetnsOf = ({ pid }: RuntimeContainer, name: string): boolean => {
  const [own, named] = [inspectNetnsFile(netnsPathOf(pid)), inspectNetnsFile(`${NETNS_FOLDER}/${name}`)];
  return own.kind === 'netns' && named.kind === 'netns' && own.inode === named.inode;
};

const unknownName = async (
  name: string,
  message: string,
  options: ResolveOptions,
  trouble: string | null = null,
): Promise<KnownError> => {
  if (trouble !== null) return usage(`${message}; ${trouble}`, 'a PID or netns:NAME needs no runtime: vethoscope list');
  const answers = await Promise.all(runtimes.map((runtime) => runtime.list(options)));
  const known = answers.flatMap(({ containers }) => containers.map((container) => container.name));
  const near = nearNames(name, [...namedNetns(), ...known]);
  return usage(message, near.length > 0 ? `did you mean ${near.map(shown).join(', ')}?` : 'see: vethoscope list');
};

const noNamespace = (target: Target, file: Exclude<NetnsFile, { kind: 'netns' }>): KnownError => {
  const { netnsPath, pid } = target;
  switch (file.kind) {
    case 'not-permitted':
      return new KnownError(`not permitted to open ${shown(netnsPath)}`, {
        exitCode: EXIT.noPrivilege,
        hint: 'run as root, or with CAP_SYS_PTRACE and CAP_SYS_ADMIN',
      });
    case 'missing':
      return pid === null
        ? usage(`no such path: ${shown(netnsPath)}`)
        : usage(`process ${pid} has ended`, 'see: vethoscope list');
    case 'other-namespace':
      return usage(`${shown(netnsPath)} is a namespace, but not a network namespace`);
    case 'no-namespace':
      return usage(`${shown(netnsPath)} is not a network namespace`, `${FORMS}`);
  }
};

const sharesHost = ({ pid, name }: Target): KnownError =>
  usage(
    pid === null
      ? `${shown(name)} is the host's own network namespace`
      : `process ${pid} (${shown(name)}) shares the host's network namespace`,
    'there is no container network between them; trace a container with a network of its own',
  );

/** What the user or a process chose, with its control characters spelled out. */
const shown = (text: string): string =>
  text.replace(/[\x00-\x1f\x7f-\x9f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
