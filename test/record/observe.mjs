// Loads every ruleset that packets.json names into a network namespace with the devices that it names, by each back-end that it
// was recorded with, sends each packet really, and records what the kernel made of it: passed on (by which device, with
// which addresses), delivered or lost, and which rules of iptables counted it. Needs root, perl, iptables, nftables, ipset.
//   node test/record/observe.mjs [FOLDER/NAME …]
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { frame } from './frames.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const RULESETS = path('../../fixtures/rulesets/');
const FILE = `${RULESETS}packets/observed.jsonl.gz`;
const wanted = process.argv.slice(2);

if (process.env.OBSERVE_INSIDE !== '1') {
  const argv = [
    '--net',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    process.execPath,
    path('observe.mjs'),
    ...wanted,
  ];
  const { status } = spawnSync('unshare', argv, { stdio: 'inherit', env: { ...process.env, OBSERVE_INSIDE: '1' } });
  process.exit(status ?? 1);
}

const sh = (netns, script, input = '') =>
  execFileSync('ip', ['netns', 'exec', netns, 'bash', '-ec', script], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
const textOf = (name, end) =>
  existsSync(`${RULESETS}${name}.${end}`) ? readFileSync(`${RULESETS}${name}.${end}`, 'utf8') : '';

const QUIET = `
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
  net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.default.accept_ra=0 \
  net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0 || true
ip link set lo up
`;

/** MAC address of the n-th device. */
const mac = (index) => `02:00:00:00:01:${(index + 16).toString(16)}`;
const SENDER = '02:00:00:00:02:01';

/** The devices: bridges where others name them as master, the rest veth whose other ends are on the wire. */
const buildWorld = ({ devices, routes = [], bridged = false }) => {
  for (const netns of ['host', 'wire']) spawnSync('ip', ['netns', 'add', netns]);
  sh('wire', 'sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1');
  const names = Object.keys(devices);
  const masters = new Set(Object.values(devices).flatMap(({ master }) => master ?? []));
  const lines = names.flatMap((name, index) => {
    if (name === 'lo') return [];
    const { addresses = [], master } = devices[name];
    const made = masters.has(name)
      ? [`ip link add ${name} address ${mac(index)} type bridge mcast_snooping 0`]
      : [
          `ip link add ${name} address ${mac(index)} type veth peer name w${index} netns wire`,
          `ip -n wire link set w${index} up`,
        ];
    const own = addresses.map(
      (one) =>
        `ip ${one.includes(':') ? '-6' : '-4'} address add ${one} dev ${name} ${one.includes(':') ? 'nodad' : ''}`,
    );
    return [...made, master ? `ip link set ${name} master ${master}` : '', `ip link set ${name} arp off up`, ...own];
  });
  const filter = bridged ? 'sysctl -qw net.bridge.bridge-nf-call-iptables=1' : 'true';
  sh(
    'host',
    [
      QUIET,
      ...lines,
      ...routes.map((route) => `ip ${route.includes(':') ? '-6' : '-4'} route add ${route}`),
      filter,
    ].join('\n'),
  );
};

const tablesOf = (save, family) => [...save.matchAll(/^\*(\w+)/gm)].map(([, table]) => `${family} ${table}`);
const KINDS = ['table', 'chain', 'counter', 'quota', 'limit', 'ct helper', 'set', 'map', 'flowtable', 'rule'];

/** What stands in tables of nft's own, in an order in which all that is named is there before it. */
const nativePart = (json, saved) => {
  if (json === '') return '';
  const own = JSON.parse(json).nftables.filter((entry) => {
    const [kind] = Object.keys(entry);
    const { family, table, name } = entry[kind];
    return kind !== 'metainfo' && !saved.has(`${family} ${kind === 'table' ? name : table}`);
  });
  const place = (entry) => KINDS.indexOf(Object.keys(entry)[0]);
  return own.length === 0 ? '' : JSON.stringify({ nftables: own.sort((one, other) => place(one) - place(other)) });
};

const load = (name, backend) => {
  const sets = textOf(name, 'ipset');
  if (sets !== '') sh('host', 'ipset restore', sets);
  const saves = { '': textOf(name, `${backend}.save`), 6: textOf(name, `${backend}6.save`) };
  for (const [six, text] of Object.entries(saves))
    if (text !== '') sh('host', `ip${six}tables-${backend}-restore -w 5`, text);
  if (backend === 'legacy') return;
  const saved = new Set([...tablesOf(saves[''], 'ip'), ...tablesOf(saves[6], 'ip6')]);
  const native = nativePart(textOf(name, 'json'), saved);
  if (native !== '') sh('host', 'cat >/run/native; nft -j -f /run/native', native);
};

/** A table that notes, after all others, what passes the host and what it takes itself. */
const observer = (bridged) => {
  const each = [
    ['4', 'ip', 'ipv4_addr', 'icmp'],
    ['6', 'ip6', 'ipv6_addr', 'icmpv6'],
  ];
  const sets = each.flatMap(([end, , type]) => [
    `set passed${end} { type ifname . ${type} . ${type} . inet_service; size 64; flags dynamic; }`,
    `set echo${end} { type ifname . ${type} . ${type}; size 64; flags dynamic; }`,
    `set taken${end} { type ${type}; size 64; flags dynamic; }`,
  ]);
  const from = bridged ? '' : 'meta iiftype ether';
  const out = each.flatMap(([end, family, , icmp]) => [
    `${from} meta l4proto { tcp, udp } add @passed${end} { oifname . ${family} saddr . ${family} daddr . th dport }`,
    `${from} ${icmp} type echo-request add @echo${end} { oifname . ${family} saddr . ${family} daddr }`,
  ]);
  const local = each.map(([end, family]) => `add @taken${end} { ${family} daddr }`);
  return `table inet observer {
    ${sets.join('\n')}
    chain out { type filter hook postrouting priority 1000000
 ${out.join('\n')}
 }
    chain local { type filter hook input priority 1000000
      meta iiftype ether meta l4proto != { 2 } ${local[0]}
      meta iiftype ether icmpv6 type echo-request ${local[1]}
      meta iiftype ether meta l4proto { tcp, udp } ${local[1]}
    }
  }`;
};

/** Elements of the observer's sets, then empty again. */
const observed = () => {
  const { nftables } = JSON.parse(sh('host', 'nft -j list table inet observer'));
  const sets = nftables.flatMap(({ set }) => (set ? [set] : []));
  sh('host', sets.map(({ name }) => `nft flush set inet observer ${name}`).join('\n'));
  const elements = (start) =>
    sets
      .filter(({ name }) => name.startsWith(start))
      .flatMap(({ elem = [] }) => elem.map((one) => (one.elem ? one.elem.val : one)));
  const passed = [...elements('passed'), ...elements('echo')].map((one) => one.concat);
  if (passed.length > 1) throw new Error(`more than one packet: ${JSON.stringify(passed)}`);
  if (passed.length === 1) {
    const [device, source, destination, port = null] = passed[0];
    return { verdict: 'forwarded', out: { device, source, destination, port } };
  }
  return { verdict: elements('taken').length > 0 ? 'delivered' : 'dropped', out: null };
};

/** Packets that each rule of iptables has counted, by `FAMILY TABLE CHAIN NUMBER`. */
const counters = (backend) => {
  const counts = new Map();
  for (const six of ['', '6']) {
    let table = '';
    const numbers = new Map();
    for (const line of sh('host', `ip${six}tables-${backend}-save -c`).split('\n')) {
      if (line.startsWith('*')) table = line.slice(1);
      const rule = /^\[(\d+):\d+\] -A (\S+)/.exec(line);
      if (rule === null) continue;
      const chain = `ip${six} ${table} ${rule[2]}`;
      numbers.set(chain, (numbers.get(chain) ?? 0) + 1);
      counts.set(`${chain} ${numbers.get(chain)}`, Number(rule[1]));
    }
  }
  return counts;
};

const packetOf = (line, index, devices) => {
  const [device, proto, src, dst, dport] = line.split(' ');
  return {
    device,
    proto,
    src,
    dst,
    sport: 40_000 + index,
    dport: dport === undefined ? null : Number(dport),
    smac: devices[device].sender ?? SENDER,
  };
};

const SETTING =
  /(rp_filter|[/]forwarding|accept_local|src_valid_mark|route_localnet|linkdown|bridge-nf-call-ip6?tables):/;
const WORLD = {
  routes: 'ip -j -d route show table all; true',
  rules: 'ip -4 -j -d rule show',
  rules6: 'ip -6 -j -d rule show',
  links: 'ip -j -d link show',
  addresses: 'ip -j addr show',
  ports: 'bridge -j -d link show',
  fdb: 'bridge -j fdb show',
  sysctls: "grep -rHs '' /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf /proc/sys/net/bridge || true",
  ipsets: 'ipset save',
};

const observe = (name, backend, spec) => {
  buildWorld(spec);
  load(name, backend);
  sh('host', 'cat >/run/observer; nft -f /run/observer', observer(spec.bridged === true));
  const world = Object.fromEntries(Object.entries(WORLD).map(([key, script]) => [key, sh('host', script)]));
  world.sysctls = world.sysctls
    .split('\n')
    .filter((line) => SETTING.test(line))
    .join('\n');
  sleep(300);
  observed();
  const names = Object.keys(spec.devices);
  const packets = spec.packets.map((line, index) => {
    const packet = packetOf(line, index, spec.devices);
    const at = names.indexOf(packet.device);
    const before = counters(backend);
    const dmac = spec.devices[packet.device].master ? '02:00:00:00:02:99' : mac(at);
    sh('wire', `perl ${path('inject.pl')}`, `w${at} ${frame({ ...packet, dmac })}\n`);
    sleep(60);
    const { verdict, out } = observed();
    const hits = [...counters(backend)]
      .filter(([rule, count]) => count > (before.get(rule) ?? 0))
      .map(([rule]) => rule);
    return { ...packet, verdict, out, hits };
  });
  for (const netns of ['host', 'wire']) spawnSync('ip', ['netns', 'delete', netns]);
  return { ruleset: name, backend, bridged: spec.bridged === true, world, packets };
};

execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
const specs = JSON.parse(readFileSync(path('packets.json'), 'utf8'));
const known = existsSync(FILE)
  ? gunzipSync(readFileSync(FILE))
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];
const results = wanted.length === 0 ? [] : known.filter(({ ruleset }) => !wanted.includes(ruleset));
for (const [name, spec] of Object.entries(specs)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const backend of ['nft', 'legacy']) {
    const exists =
      backend === 'nft' ? textOf(name, 'json') : textOf(name, 'legacy.save') + textOf(name, 'legacy6.save');
    if (exists === '' || (backend === 'nft' && !exists.includes('"chain"'))) continue;
    try {
      const result = observe(name, backend, spec);
      results.push(result);
      process.stdout.write(`${name} ${backend}: ${result.packets.map(({ verdict }) => verdict).join(' ')}\n`);
    } catch (error) {
      process.stdout.write(`${name} ${backend}: ${error.message} ${error.stderr ?? ''}\n`);
      process.exitCode = 1;
      for (const netns of ['host', 'wire']) spawnSync('ip', ['netns', 'delete', netns]);
    }
  }
}
results.sort((one, other) => `${one.ruleset} ${one.backend}`.localeCompare(`${other.ruleset} ${other.backend}`));
if (results.length > 0)
  writeFileSync(FILE, gzipSync(`${results.map((one) => JSON.stringify(one)).join('\n')}\n`, { level: 9 }));
