/** One witness taken away from a network of the lab: what hides it there, and what starts the program without it. */
export interface Taken {
  /** Shell commands in the lab, once it is broken. */
  readonly commands: readonly string[];
  /** Put before the program. */
  readonly launcher: readonly string[];
}

/** Programs by which one witness is read. */
export const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'iptables-save': [
    'iptables',
    'iptables-nft',
    'iptables-legacy',
    'ip6tables',
    'ip6tables-nft',
    'ip6tables-legacy',
  ].map((name) => `${name}-save`),
  nft: ['nft'],
  tcpdump: ['tcpdump'],
  tc: ['tc'],
  conntrack: ['conntrack'],
  bridge: ['bridge'],
};

/** Hides programs from the lab: a whiteout each, in an overlay over every folder that one may lie in. */
export const hide = (programs: readonly string[]): string =>
  [
    'set -e',
    'mkdir -p /run/hidden && mount -t tmpfs hidden /run/hidden',
    ...['sbin', 'bin'].flatMap((folder) => {
      const own = `/run/hidden/${folder}`;
      return [
        `mkdir -p ${own}/upper ${own}/work`,
        ...programs.map((name) => `mknod ${own}/upper/${name} c 0 0`),
        `mount -t overlay -o lowerdir=/usr/${folder},upperdir=${own}/upper,workdir=${own}/work hidden /usr/${folder}`,
      ];
    }),
  ].join('\n');

/** The events of the kernel are not to be had where they are mounted, nor is the program that mounts them. */
const HIDE_TRACEFS = [
  'mount -t tmpfs none /sys/kernel/tracing',
  'mount -t tmpfs none /sys/kernel/debug || true',
  hide(['mount']),
];

/** May enter the network namespace of the container, and nothing else that an ordinary user may not. */
const MAY_ENTER = '+sys_admin,+sys_ptrace';
const AS_USER = [
  'setpriv',
  '--reuid=65534',
  '--regid=65534',
  '--clear-groups',
  `--inh-caps=-all,${MAY_ENTER}`,
  `--ambient-caps=-all,${MAY_ENTER}`,
  '--',
];

const TAKEN: Readonly<Record<string, Taken>> = {
  tcpdump: { commands: [hide(PROGRAMS['tcpdump'] ?? [])], launcher: [] },
  tracefs: { commands: HIDE_TRACEFS, launcher: [] },
  'iptables-save': { commands: [hide(PROGRAMS['iptables-save'] ?? [])], launcher: [] },
  nft: { commands: [hide(PROGRAMS['nft'] ?? [])], launcher: [] },
  root: { commands: [], launcher: AS_USER },
};

/** Every witness that `--without` may name. */
export const WITNESSES: readonly string[] = Object.keys(TAKEN);

/** @throws Error for a name that is none of them */
export const takenAway = (witness: string): Taken => {
  const taken = TAKEN[witness];
  if (taken) return taken;
  throw new Error(`no witness ${witness}; they are ${WITNESSES.join(', ')}`);
};
