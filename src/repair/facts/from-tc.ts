import { type Fact, OTHER } from './facts.js';
import { linesOf, rowsOf } from './from-ip.js';

/**
 * Every queueing discipline with raw figures as one JSON line, then the devices whose htb has classes or filters: these
 * are no part of what `tc qdisc add` takes.
 */
export const QDISCS = [
  'tc -j -d -r qdisc show || exit',
  'echo',
  `tc qdisc show | sed -n 's/^qdisc htb [0-9a-f]*: dev \\([^ ]*\\) root.*/\\1/p' | while read -r dev`,
  'do [ -z "$(tc class show dev "$dev"; tc filter show dev "$dev")" ] || echo "$dev"',
  'done',
].join('\n');

/** Ticks of the packet scheduler in a second. @see psched_mktime in include/net/pkt_sched.h: one is 64 ns */
const TICKS = 1e9 / 64;

/** The filters of each hook of clsact behind a line that names it. */
export const TC_FILTERS = [
  `tc qdisc show | sed -n 's/^qdisc clsact .* dev \\([^ ]*\\) .*/\\1/p' | while read -r dev`,
  'do for hook in ingress egress; do echo "dev $dev $hook"; tc filter show dev "$dev" "$hook"; done',
  'done',
].join('\n');

/** From what `TC_FILTERS` prints: the text of the filters of each device, hook, protocol and preference. @see tc(8) */
export const tcFilterFacts = (output: string): readonly Fact[] => {
  const texts = new Map<string, string[]>();
  let [place, key] = ['', ''];
  for (const line of linesOf(output)) {
    const [, device, hook] = /^dev (\S+) (ingress|egress)$/.exec(line) ?? [];
    const [, protocol, preference] = /^filter protocol (\S+) pref (\d+) /.exec(line) ?? [];
    if (device !== undefined) place = `${device} ${hook}`;
    else if (protocol !== undefined) key = `${place} ${protocol} ${preference}`;
    if (device === undefined) texts.set(key, [...(texts.get(key) ?? []), line.trim()]);
  }
  return [...texts].map(([name, lines]) => ['tc-filter', name, lines.join('\n')] as const);
};

interface Root {
  readonly handle: string;
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
}

const hasOnly = (options: Root['options'], names: readonly string[]): boolean =>
  Object.keys(options).every((name) => names.includes(name));

/** `burst` is kept as the time that it takes: the bytes are those that take exactly this time. */
const tbfWords = ({ options }: Root): string | null => {
  const { rate, limit, mpu = 0, linklayer = 'ethernet' } = options;
  const ticks = Number.parseInt(String(options['burst_raw']), 16);
  if (!hasOnly(options, ['rate', 'burst', 'burst_raw', 'lat', 'limit', 'mpu', 'linklayer'])) return null;
  if (typeof rate !== 'number' || typeof limit !== 'number' || mpu !== 0 || linklayer !== 'ethernet') return null;
  const burst = Math.floor((ticks * rate) / TICKS);
  return Math.ceil((burst * TICKS) / rate) === ticks ? `tbf rate ${rate}bps burst ${burst}b limit ${limit}b` : null;
};

const htbWords = ({ options }: Root): string | null => {
  const { r2q, default: fallback, direct_qlen: room } = options;
  if (!hasOnly(options, ['r2q', 'default', 'direct_packets_stat', 'ver', 'direct_qlen'])) return null;
  return [r2q, fallback, room].includes(undefined) ? null : `htb r2q ${r2q} default ${fallback} direct_qlen ${room}`;
};

/**
 * From what `QDISCS` prints: what stands at the root of each device, in the words of `tc qdisc add`, or as another kind
 * that we cannot put back. Those with handle 0 are the kernel's own choice. @see tc-tbf(8), tc-htb(8)
 */
export const qdiscFacts = (output: string): readonly Fact[] => {
  const [json = '', ...rest] = linesOf(output);
  const rows = rowsOf(json).map((row) => ({
    device: String(row['dev']),
    handle: String(row['handle']),
    kind: String(row['kind']),
    parent: row['root'] === true ? null : String(row['parent']),
    options: (row['options'] ?? {}) as Root['options'],
  }));
  return rows
    .filter(({ parent, handle }) => parent === null && handle !== '0:')
    .map((root) => {
      const { device, handle, kind } = root;
      const isAlone =
        !rest.includes(device) && !rows.some((one) => one.device === device && one.parent?.startsWith(handle));
      const words = isAlone ? (kind === 'tbf' ? tbfWords(root) : kind === 'htb' ? htbWords(root) : null) : null;
      return ['qdisc', device, words === null ? `${OTHER} ${kind} ${handle}` : `handle ${handle} ${words}`] as const;
    });
};
