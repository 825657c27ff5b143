import type { Facet } from '../model/repair.js';

const LINK: readonly Facet[] = [
  'up',
  'arp',
  'master',
  'mtu',
  'kind-option',
  'mac',
  'address',
  'route',
  'neighbour',
  'fdb',
  'vlan',
  'port',
];
const FIREWALL: readonly Facet[] = ['nft-table', 'nft-chain', 'firewall-rule'];

/** What a command changes, in words and as facts. */
export interface Described {
  readonly sign: '~' | '+' | '-';
  readonly subject: string;
  /** The fact that tells the value before. */
  readonly fact: { readonly facet: Facet; readonly key: string } | null;
  readonly after: string | null;
  /** Everything that the command may change, by itself or through the kernel. */
  readonly scope: readonly Facet[];
}

/** A command without what leads it into its namespace: `ip -n NAME`, `ip netns exec NAME`, `nsenter --net=PATH`. */
export const innerOf = (argv: readonly string[]): readonly string[] => {
  const [program, first, second] = argv;
  if (program === 'ip' && first === 'netns' && second === 'exec') return argv.slice(4);
  if ((program === 'ip' || program === 'bridge') && first === '-n') return [program, ...argv.slice(3)];
  if (program === 'nsenter') return argv.slice(argv[2] === '--' ? 3 : 2);
  return argv;
};

/** The path of the namespace that a command is led into; `null` for one that runs where it stands. */
export const netnsPathOf = ([program, first = '', second = '', third = '']: readonly string[]): string | null => {
  if (program === 'ip' && first === 'netns' && second === 'exec') return `/run/netns/${third}`;
  if ((program === 'ip' || program === 'bridge') && first === '-n') return `/run/netns/${second}`;
  return program === 'nsenter' ? first.replace(/^--net=/, '') : null;
};

/**
 * What a command changes. `null` for a command whose change we cannot put back exactly, such as the restart of a
 * service: such a command is never run, only named.
 */
export const describeCommand = (inner: readonly string[]): Described | null => {
  const [program = '', ...words] = inner;
  if (program === 'sysctl') return describeSysctl(words);
  if (program === 'bridge' && words.slice(0, 3).join(' ') === 'link set dev') return describePort(words.slice(3));
  if (program === 'bridge' && words[0] === 'fdb') return describeFdb(words.slice(1));
  if (program === 'conntrack') return describeConntrack(words);
  if (program === 'ebtables' || program === 'arptables') return describeFrameRule(program, words);
  if (/^ip6?tables(-legacy|-nft)?$/.test(program)) return describeIptables(program, words);
  if (program === 'nft') return describeNft(words);
  if (program === 'firewall-cmd') return describeZone(words);
  if (program === 'tc') return words[0] === 'filter' ? describeTcFilter(words.slice(1)) : describeQdisc(words);
  if (program === 'ufw' && words[0] === 'route') return describeUfw(words.slice(1));
  if (program !== 'ip') return null;
  if (words[0] === 'xfrm') return describeXfrm(words.slice(1));
  const [object = '', verb = '', ...rest] = words[0] === '-6' || words[0] === '-4' ? words.slice(1) : words;
  if (object === 'link' && verb === 'set') return describeLink(rest);
  if (object === 'neigh') return describeNeighbour(verb, rest);
  if (object === 'route' && verb === 'flush') return rest.join() === 'cache' ? LEARNT_PATHS : null;
  const what = { addr: 'address', address: 'address', route: 'route', rule: 'rule' }[object];
  const sign = { add: '+', del: '-', replace: '~' }[verb] as Described['sign'] | undefined;
  if (what === undefined || sign === undefined) return null;
  const scope: readonly Facet[] = what === 'address' ? ['address', 'route'] : [what as Facet];
  return { sign, subject: `${what} ${rest.join(' ')}`, fact: null, after: null, scope };
};

/** `--zone=ZONE --add-interface=DEVICE`; what firewalld makes of it in its own table is not ours. */
const describeZone = ([first = '', second = '', ...more]: readonly string[]): Described | null => {
  const zone = /^--zone=([\w-]+)$/.exec(first)?.[1];
  const device = /^--add-interface=([^=\s]+)$/.exec(second)?.[1];
  if (zone === undefined || device === undefined || more.length > 0) return null;
  return {
    sign: '~',
    subject: `firewalld zone of ${device}`,
    fact: { facet: 'zone', key: device },
    after: zone,
    scope: ['zone'],
  };
};

/** `allow in on DEVICE out on DEVICE`. */
const describeUfw = (words: readonly string[]): Described | null => {
  const key = words.join(' ');
  if (!/^allow in on \S+ out on \S+$/.test(key)) return null;
  return {
    sign: '+',
    subject: `ufw route ${key}`,
    fact: { facet: 'ufw-route', key },
    after: 'added',
    scope: ['ufw-route'],
  };
};

const describeSysctl = (words: readonly string[]): Described | null => {
  const [, key, value] = /^([^=]+)=(.*)$/.exec(words.filter((word) => word !== '-w').join(' ')) ?? [];
  if (key === undefined || value === undefined || !key.startsWith('net.')) return null;
  return {
    sign: '~',
    subject: `sysctl ${key}`,
    fact: { facet: 'sysctl', key },
    after: value,
    scope: ['sysctl', 'route'],
  };
};

const describeLink = ([first = '', ...more]: readonly string[]): Described | null => {
  const [name = '', setting, value] = first === 'dev' ? more : [first, ...more];
  if (setting === 'up' || setting === 'down')
    return { sign: '~', subject: `link ${name}`, fact: { facet: 'up', key: name }, after: setting, scope: LINK };
  if (setting === 'master' || setting === 'nomaster') {
    const after = setting === 'master' ? (value ?? '') : 'none';
    return { sign: '~', subject: `bridge of ${name}`, fact: { facet: 'master', key: name }, after, scope: LINK };
  }
  if (setting === 'mtu' && value)
    return { sign: '~', subject: `mtu of ${name}`, fact: { facet: 'mtu', key: name }, after: value, scope: LINK };
  if (setting === 'type') return describeKindOption(name, more.slice(first === 'dev' ? 2 : 1));
  if (setting === 'arp' && (value === 'on' || value === 'off'))
    return { sign: '~', subject: `ARP on ${name}`, fact: { facet: 'arp', key: name }, after: value, scope: LINK };
  return null;
};

/** `qdisc del dev DEVICE root`: what the kernel chooses by itself takes its place. @see tc(8) */
const describeQdisc = ([object, verb, word, device = '', ...more]: readonly string[]): Described | null => {
  if (object !== 'qdisc' || verb !== 'del' || word !== 'dev' || device === '' || more.join() !== 'root') return null;
  return {
    sign: '-',
    subject: `queueing discipline of ${device}`,
    fact: { facet: 'qdisc', key: device },
    after: null,
    scope: ['qdisc'],
  };
};

/** `policy delete SELECTOR dir DIRECTION`. @see ip-xfrm(8) */
const describeXfrm = (words: readonly string[]): Described | null => {
  const key = /^policy delete (src \S+ dst \S+ dir (?:in|out|fwd))$/.exec(words.join(' '))?.[1];
  if (key === undefined) return null;
  return {
    sign: '-',
    subject: `IPsec policy ${key}`,
    fact: { facet: 'xfrm-policy', key },
    after: null,
    scope: ['xfrm-policy'],
  };
};

/** A filter of u32 with a preference of its own that lets packets pass; others' filters are never taken out. @see tc-u32(8) */
const describeTcFilter = (words: readonly string[]): Described | null => {
  const [, device, hook] =
    /^add dev (\S+) (ingress|egress) protocol \S+ pref \d+ u32(?: match \S+ \S+ \S+(?: at \d+)?)+ flowid 1:1$/.exec(
      words.join(' '),
    ) ?? [];
  if (device === undefined) return null;
  return {
    sign: '+',
    subject: `tc filter at the ${hook} of ${device}: ${words.slice(words.indexOf('protocol')).join(' ')}`,
    fact: null,
    after: null,
    scope: ['tc-filter'],
  };
};

const KIND_OPTIONS =
  /^(vxlan id \d+ df (?=set$|unset$|inherit$)|macvlan mode (?=private$|vepa$|bridge$)|bridge mcast_snooping (?=[01]$))/;

/** Those that the kernel changes while the device is in use. @see ip-link(8) */
const describeKindOption = (name: string, words: readonly string[]): Described | null => {
  const before = KIND_OPTIONS.exec(words.join(' '))?.[0].trim();
  if (before === undefined) return null;
  return {
    sign: '~',
    subject: `${before} of ${name}`,
    fact: { facet: 'kind-option', key: `${name} ${before}` },
    after: words.at(-1) ?? null,
    scope: LINK,
  };
};

/** `flush cache`: MTUs of paths and redirects that the kernel learnt, and no route of the tables. @see ip-route(8) */
const LEARNT_PATHS: Described = {
  sign: '-',
  subject: 'what was learnt of paths',
  fact: null,
  after: null,
  scope: [],
};

/**
 * `-D` of the entry with exactly this original tuple. It is no setting: the next packet makes it anew, and nothing is put back.
 * @see conntrack(8)
 */
const describeConntrack = (words: readonly string[]): Described | null => {
  const tuple =
    /^-D(?: -f ipv6)? -p udp --orig-src (\S+) --orig-dst (\S+) --orig-port-src (\d+) --orig-port-dst (\d+)$/;
  const [, source, destination, from, to] = tuple.exec(words.join(' ')) ?? [];
  if (to === undefined) return null;
  const subject = `conntrack entry of ${source} port ${from} to ${destination} port ${to}`;
  return { sign: '-', subject, fact: null, after: null, scope: [] };
};

/** `del ADDRESS dev DEVICE`. An entry that the kernel learnt is no setting: it is learnt anew, and nothing is put back. */
const describeNeighbour = (verb: string, [address = '', word, device = '', ...more]: readonly string[]) => {
  if (verb !== 'del' || word !== 'dev' || device === '' || more.length > 0) return null;
  return {
    sign: '-',
    subject: `neighbour ${address} on ${device}`,
    fact: { facet: 'neighbour', key: `${device} ${address}` },
    after: null,
    scope: ['neighbour'],
  } satisfies Described;
};

/** `del MAC dev PORT master`: of what a bridge was told, not of what it learnt. @see bridge(8) */
const describeFdb = ([verb, mac = '', word, port = '', ...more]: readonly string[]): Described | null => {
  if (verb !== 'del' || word !== 'dev' || port === '' || more.join() !== 'master') return null;
  return { sign: '-', subject: `fdb entry ${mac} at ${port}`, fact: null, after: null, scope: ['fdb'] };
};

/**
 * A rule for frames that is put before others. It carries no comment: the whole chain, in its order, is what is put back.
 * @see ebtables(8), arptables(8)
 */
const describeFrameRule = (program: string, words: readonly string[]): Described | null => {
  const at = words.indexOf('-I');
  if (at < 0 || !words.includes('-j')) return null;
  const table = words.includes('-t') ? (words[words.indexOf('-t') + 1] ?? '') : 'filter';
  return {
    sign: '+',
    subject: `rule in ${table} ${words[at + 1]} (${program})`,
    fact: null,
    after: null,
    scope: ['frame-rules', 'nft-table', 'nft-chain'],
  };
};

const STATES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'];

/** Value of a port option as it is read: `bridge link set` takes the state as a number. */
const describePort = ([name = '', option = '', value = '']: readonly string[]): Described => ({
  sign: '~',
  subject: `${option} of port ${name}`,
  fact: { facet: 'port', key: `${name} ${option}` },
  after: option === 'state' ? (STATES[Number(value)] ?? value) : value,
  scope: ['port', 'fdb'],
});

const describeIptables = (program: string, words: readonly string[]): Described | null => {
  const at = words.findIndex((word) => word === '-I' || word === '-A');
  if (at < 0 || !words.includes('-j')) return null;
  const table = words.includes('-t') ? words[words.indexOf('-t') + 1] : 'filter';
  return {
    sign: '+',
    subject: `rule in ${table} ${words[at + 1]} (${program})`,
    fact: null,
    after: null,
    scope: FIREWALL,
  };
};

/** nft reads its words as one text: a name that could end the rule and begin another command is not passed to it. */
const isPlainForNft = (word: string): boolean => /^(?:[\w.,:/@+-]+|"vethoscope(?::[0-9a-z:]+)?")$/.test(word);

const describeNft = (words: readonly string[]): Described | null => {
  if (!words.every(isPlainForNft)) return null;
  if (!(words[0] === 'insert' || words[0] === 'add') || words[1] !== 'rule') return null;
  return {
    sign: '+',
    subject: `rule in ${words.slice(2, 5).join(' ')} (nft)`,
    fact: null,
    after: null,
    scope: FIREWALL,
  };
};

/** The command with this comment, and no other, on the firewall rule that it adds; `null` when it adds none. */
export const withComment = (argv: readonly string[], tag: string): readonly string[] | null => {
  const inner = innerOf(argv);
  const lead = argv.slice(0, argv.length - inner.length);
  if (inner[0] === 'nft') {
    const bare = inner.at(-2) === 'comment' ? inner.slice(0, -2) : inner;
    return [...lead, ...bare, 'comment', `"${tag}"`];
  }
  const at = inner.indexOf('-j');
  if (!/^ip6?tables/.test(inner[0] ?? '') || at < 0) return null;
  return [...lead, ...inner.slice(0, at), '-m', 'comment', '--comment', tag, ...inner.slice(at)];
};
