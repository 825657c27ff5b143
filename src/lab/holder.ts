import { arch, cwd, getuid } from 'node:process';
import { holdChild } from '../host/attached.js';
import { processStartTime, sharesUserNamespace } from '../host/processes.js';
import { EXIT, KnownError } from '../model/errors.js';

/** The process whose namespaces are the lab. The lab is gone when it is. */
export interface Holder {
  readonly pid: number;
  /** Together with the PID it names this process for good. */
  readonly startTime: string;
  /** Whether the lab lies in a user namespace of its own, in which alone its users have any rights. */
  readonly unprivileged: boolean;
}

/**
 * A private /run gives the lab its own `ip netns` names and locks, and the PID of its holder. Having said that it is ready, the holder waits: for
 * the end of its input, which comes when its maker ends, or without end when it is to last.
 */
const prepare = (lasting: boolean): string =>
  [
    'set -e',
    'mount -t tmpfs -o mode=755 vethoscope-lab /run',
    'mkdir /run/netns',
    'echo $$ >/run/holder.pid',
    'echo ready',
    `exec ${lasting ? 'sleep infinity' : 'cat'} >/dev/null 2>&1`,
  ].join('; ');

const OWN_NAMESPACES = ['-n', '-m', 'sh', '-c'] as const;

/**
 * A user namespace for root in which every user exists that we have, under the same number, since programs such as tcpdump
 * become another one: the maps are written from outside, and root of the namespace gets its capabilities by the exec after
 * that. Where they cannot be written, it ends.
 * @see user_namespaces(7), "Defining user and group ID mappings"
 */
const confine = (script: string): readonly string[] => [
  'sh',
  '-c',
  [
    '(while [ "$(readlink /proc/$$/ns/user)" = "$(readlink /proc/self/ns/user)" ]; do sleep 0.005; done',
    'for map in gid_map uid_map; do',
    "awk '{ print $1, $1, $3 }' /proc/self/$map >/proc/$$/$map || { kill $$; exit; }",
    'done) >/dev/null &',
    'exec unshare -U sh -c "$0" "$@"',
  ].join('\n'),
  'until read -r _ </proc/self/uid_map; do sleep 0.005; done; exec unshare -n -m sh -c "$0"',
  script,
];

/**
 * Starts a holder. As root it gets a network and a mount namespace; as an ordinary user, or when it is to be confined, these
 * lie in a user namespace in which the user keeps their own name and all capabilities, and has none outside of it.
 * @throws KnownError when the system does not let us have namespaces
 */
export const startHolder = async (
  lasting: boolean,
  confined: boolean,
): Promise<{ holder: Holder; release: () => void }> => {
  const isRoot = getuid?.() === 0;
  const unprivileged = confined || !isRoot;
  const user = unprivileged ? ['-U', '--map-current-user', '--keep-caps'] : [];
  const script = prepare(lasting);
  const argv = isRoot && confined ? confine(script) : ['unshare', ...user, ...OWN_NAMESPACES, script];
  try {
    const child = await holdChild(argv, { lasting });
    const startTime = await processStartTime(child.pid);
    if (startTime === null) throw new Error('the process that holds the namespaces ended at once');
    return { holder: { pid: child.pid, startTime, unprivileged }, release: child.release };
  } catch (error) {
    throw new KnownError(
      `cannot make the lab's namespaces: ${error instanceof Error ? error.message : String(error)}`,
      {
        exitCode: EXIT.noPrivilege,
        hint: !isRoot
          ? 'this system may forbid user namespaces to ordinary users; run the same command as root'
          : confined
            ? 'this system may forbid user namespaces: sysctl user.max_user_namespaces'
            : 'the lab needs CAP_SYS_ADMIN; a container needs --privileged',
        cause: error,
      },
    );
  }
};

/** Whether the holder still runs, and is the same process. */
export const isAlive = async (holder: Holder): Promise<boolean> =>
  (await processStartTime(holder.pid)) === holder.startTime;

/** Numbers of the system calls setns, capset and prctl by `process.arch`. @see syscalls(2) */
const SYSTEM_CALLS: Readonly<Record<string, readonly [number, number, number]>> = {
  x64: [308, 126, 157],
  arm64: [268, 91, 167],
  riscv64: [268, 91, 167],
  ppc64: [350, 184, 171],
  s390x: [339, 185, 172],
  arm: [375, 185, 172],
};

/**
 * Joins the holder's namespaces and keeps the capabilities that come with the user namespace over the exec, by making
 * them inheritable and ambient. `nsenter` does so from util-linux 2.41 on only; Perl is on every Debian system.
 * @see capabilities(7), "Ambient"
 */
const ENTER_WITH_CAPABILITIES = `
my ($setns, $capset, $prctl, $pid, @argv) = @ARGV;
my @namespaces = map { open(my $file, '<', "/proc/$pid/ns/$_") or die "the lab is gone: $!\\n"; $file } qw(user mnt net);
for (@namespaces) { syscall($setns, fileno($_), 0) == 0 or die "setns: $!\\n" }
my ($header, $all) = (pack('LL', 0x20080522, 0), pack('L6', (0xffffffff) x 6));
syscall($capset, $header, $all) == 0 or die "capset: $!\\n";
syscall($prctl, 47, 2, $_, 0, 0) for 0 .. 63;
exec { $argv[0] } @argv or die "$argv[0]: $!\\n";
`;

/** Joining a mount namespace leads to its root folder: back to where the caller is. */
const stay = (argv: readonly string[]): readonly string[] => ['sh', '-c', 'cd "$0"; exec "$@"', cwd(), ...argv];

/**
 * The command that runs `argv` in the lab's host namespace, from outside or from another namespace of the lab.
 * @throws KnownError on a processor whose system calls are not known here, for a lab in a user namespace
 */
export const enter = (holder: Holder, argv: readonly string[]): readonly string[] => {
  if (!holder.unprivileged || sharesUserNamespace(holder.pid))
    return ['nsenter', `--target=${holder.pid}`, '--net', '--mount', '--', ...stay(argv)];
  const calls = SYSTEM_CALLS[arch];
  if (calls === undefined)
    throw new KnownError(`labs in a user namespace are not supported on ${arch}`, {
      exitCode: EXIT.noPrivilege,
      hint: 'as root, "vethoscope lab up" builds a network without one',
    });
  return ['perl', '-e', ENTER_WITH_CAPABILITIES, ...calls.map(String), String(holder.pid), ...stay(argv)];
};

/** Shell text as a command. */
export const shell = (text: string): readonly string[] => ['sh', '-c', text];

/** A command, once inside the lab, in one of its namespaces. */
export const inLabNetns = (netns: string, argv: readonly string[]): readonly string[] =>
  netns === 'host' ? argv : ['nsenter', `--net=/run/netns/${netns}`, '--', ...argv];
