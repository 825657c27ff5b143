/** `host` is the lab's own network namespace, which plays the host; others are named namespaces inside the lab. */
export type LabNetns = string;

/** Shell commands that belong in one namespace. */
export interface Step {
  readonly netns: LabNetns;
  readonly commands: readonly string[];
}

/** A program that listens in one namespace. */
export interface Service {
  readonly netns: LabNetns;
  readonly address: string;
  readonly port: number;
  /** `tcp` accepts connections and closes each, `open` keeps them and sends back what comes, `echo` sends datagrams back, `dns` answers queries, `tftp` says that it has no such file. @default 'tcp' */
  readonly kind?: 'tcp' | 'open' | 'echo' | 'dns' | 'tftp';
}

/** A program that keeps one flow with a service under way, from before anything is broken until the lab ends. */
export interface Client {
  readonly netns: LabNetns;
  readonly address: string;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
}

/** A practice network as data: namespaces, and what to run in each, in order. */
export interface Topology {
  readonly id: string;
  readonly title: string;
  /** Namespaces beside the host, made in this order. */
  readonly namespaces: readonly LabNetns[];
  readonly steps: readonly Step[];
  /** Services that listen as long as the lab runs. */
  readonly services?: readonly Service[];
  /** Clients of these services. */
  readonly clients?: readonly Client[];
  /** Namespace that plays the container. */
  readonly target: LabNetns;
  /** A destination that answers in the healthy network. */
  readonly destination: string;
  /** Namespace that plays the host of the other end. */
  readonly peer?: LabNetns;
  /** What cannot be had in a user namespace. */
  readonly rootOnly?: true;
}

/** Words for one shell argument, whatever they contain. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Settings that make a new namespace the same on every machine (IPv4 settings are inherited from the first namespace) and
 * its IPv6 addresses usable at once.
 * @see https://docs.kernel.org/networking/ip-sysctl.html
 */
const PRELUDE = [
  'ip link set lo up',
  'sysctl -qw net.ipv4.ip_forward=0',
  'sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0',
  'sysctl -qw net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.default.arp_ignore=0',
  'if [ -d /proc/sys/net/ipv6 ]; then for c in all default; do sysctl -qw' +
    ' net.ipv6.conf.$c.accept_dad=0 net.ipv6.conf.$c.router_solicitations=0 net.ipv6.conf.$c.autoconf=0; done; fi',
];

/** The commands as a script that stops at the first failure and says which command it was. */
const toScript = (commands: readonly string[]): string =>
  commands.map((command) => `{ ${command}\n} || { echo ${quoted(`failed: ${command}`)} >&2; exit 1; }\n`).join('');

/**
 * Asking for one link makes the kernel finish its delayed carrier work (since 6.8), so that every operstate is final and
 * does not change a second later, in the middle of a trace. Neighbours that did not answer while the network was
 * incomplete are forgotten, or the next packet would wait for the kernel's second try.
 */
const SETTLE = [
  "ip -o link | sed 's/^[0-9]*: \\([^@:]*\\).*/link show dev \\1/' | ip -batch - >/dev/null",
  'ip neigh flush nud failed nud incomplete',
];

const inside = (netns: LabNetns, commands: readonly string[]): string =>
  netns === 'host' ? toScript(commands) : `ip netns exec ${netns} sh -c ${quoted(toScript(commands))} || exit 1\n`;

const settled = (topology: Topology): readonly string[] =>
  ['host', ...topology.namespaces].map((netns) => inside(netns, SETTLE));

/** The script that runs commands in the host namespace of a topology. */
export const changeScript = (topology: Topology, commands: readonly string[]): string =>
  [toScript(commands), ...settled(topology)].join('');

/** The script that builds a topology in an empty network namespace with a private /run/netns. */
export const buildScript = (topology: Topology): string =>
  [
    toScript(topology.namespaces.map((netns) => `ip netns add ${netns}`)),
    ...['host', ...topology.namespaces].map((netns) => inside(netns, PRELUDE)),
    ...topology.steps.map((step) => inside(step.netns, step.commands)),
    ...settled(topology),
  ].join('');
