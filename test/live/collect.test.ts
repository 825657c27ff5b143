import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { type CollectOptions, collectNetns, collectors } from '../../src/collect/index.js';
import { collectTopology, TOPOLOGY_ARTIFACTS } from '../../src/collect/topology.js';
import { CommandBatch } from '../../src/host/command-batch.js';
import { inNetns } from '../../src/host/in-netns.js';
import { type CommandResult, runCommand, startCommand } from '../../src/host/run-command.js';
import type { ArtifactName } from '../../src/model/state.js';
import { parseNftRuleset } from '../../src/parse/nft-json.js';
import { openNetns, type PrivateNetns } from '../helpers/private-netns.js';

let netns: PrivateNetns;
beforeEach(async () => {
  netns = await openNetns();
  netns.ip([
    'link set lo up',
    'link add e0 type veth peer name x0',
    'link set e0 up',
    'link set x0 up',
    'addr add 198.51.100.10/24 dev e0',
    'addr add 2001:db8::10/64 dev e0 nodad',
    'link add br.0 type bridge',
  ]);
});
afterEach(() => netns.close());

it('reads every artifact of a real namespace', async () => {
  const flow = { family: 4, protocol: 'icmp', source: '198.51.100.10', destination: '203.0.113.5' } as const;
  const names = (Object.keys(collectors) as ArtifactName[]).filter((name) => name !== 'resolvConf');
  const pending = collectNetns(netns.ref, names, { flow, devices: ['e0'], pid: null });
  const artifacts = await Promise.all(names.map(async (name) => [name, await pending[name]] as const));
  expect(artifacts.filter(([, artifact]) => !artifact.ok)).toEqual([]);
  const { sysctls, counters } = Object.fromEntries(artifacts);
  expect(sysctls).toMatchObject({
    value: { 'net.ipv4.conf.br.0.rp_filter': expect.any(String), 'net.ipv4.ip_forward': '0' },
  });
  expect(counters).toMatchObject({ value: { 'Ip.InReceives': expect.any(Number) } });
});

it('reads the settings of the namespace, not of the reader', async () => {
  netns.run(['sysctl', '-qw', 'net.ipv4.conf.e0.rp_filter=2', 'net.ipv4.ip_forward=1']);
  expect(await collectors.sysctls.collect(netns.ref, {})).toMatchObject({
    value: { 'net.ipv4.conf.e0.rp_filter': '2', 'net.ipv4.ip_forward': '1', 'net.ipv4.conf.all.forwarding': '1' },
  });
});

it('reads the settings of every device but those of veths in a bridge, where the devices are known', async () => {
  netns.ip(['link set e0 master br.0']);
  const links = await collectors.links.collect(netns.ref, {});
  if (!links.ok) throw new Error(links.message);
  const devicesOf = async (options: CollectOptions): Promise<readonly string[]> => {
    const read = await collectors.sysctls.collect(netns.ref, options);
    const keys = read.ok ? Object.keys(read.value) : [];
    return [4, 6].map((family) =>
      keys
        .flatMap((key) => key.match(`^net\\.ipv${family}\\.conf\\.(.+)\\.forwarding$`)?.[1] ?? [])
        .sort()
        .join(' '),
    );
  };
  expect(await devicesOf({ links: links.value })).toEqual(Array(2).fill('all br.0 default lo x0'));
  expect(await devicesOf({})).toEqual(Array(2).fill('all br.0 default e0 lo x0'));
});

it('does not create a legacy table by reading', async () => {
  await collectors.iptablesLegacy.collect(netns.ref, {});
  await collectors.iptablesNft.collect(netns.ref, {});
  expect(netns.run(['sh', '-c', 'cat /proc/net/ip_tables_names 2>/dev/null || :'])).toBe('');
  expect(netns.run(['nft', 'list', 'tables'])).toBe('');
});

it('reads the tables of nftables beside one that another run of this program owns; another owner is said to be in the way', async () => {
  netns.run(['nft', 'add table ip mine { chain c { tcp dport 99 drop ; } ; }']);
  const own = async (table: string) => {
    const owner = startCommand(inNetns(netns.ref, ['nft', '-i']), {
      input: `add table inet ${table} { flags owner; }\n`,
    });
    onTestFinished(() => owner.killGroup('SIGKILL'));
    await vi.waitFor(() => expect(netns.run(['nft', 'list', 'tables'])).toContain(table));
  };
  await own('vethoscope_trace_1');
  const read = await collectors.nftables.collect(netns.ref, {});
  if (!read.ok) throw new Error(read.message);
  expect(read.value).not.toContain('vethoscope_trace');
  expect(parseNftRuleset(read.value).rules).toMatchObject([{ table: 'mine', chain: 'c' }]);
  await own('theirs');
  const beside = await collectors.nftables.collect(netns.ref, {});
  if (beside.ok) expect(parseNftRuleset(beside.value).rules).toHaveLength(1);
  else
    expect(beside).toMatchObject({
      reason: 'garbage',
      message: expect.stringContaining('nft cannot show table inet theirs'),
    });
});

it('reads legacy rules where there are some', async () => {
  netns.run(['iptables-legacy', '-A', 'FORWARD', '-j', 'DROP']);
  expect(await collectors.iptablesLegacy.collect(netns.ref, {})).toMatchObject({
    ok: true,
    value: expect.stringContaining('-A FORWARD -j DROP'),
  });
});

it('reads filters of a clsact qdisc, and asks no device that has none', async () => {
  netns.run(['tc', 'qdisc', 'add', 'dev', 'e0', 'clsact']);
  netns.run(['tc', 'filter', 'add', 'dev', 'e0', 'ingress', 'prio', '7', 'bpf', 'da', 'bytecode', '1,6 0 0 0,']);
  expect(await collectors.tcFilters.collect(netns.ref, { devices: ['e0', 'x0', 'gone'] })).toMatchObject({
    value: [{ dev: 'e0', hook: 'ingress', kind: 'bpf', preference: 7 }],
  });
});

it('reads the topology at once as its collectors read it one by one', async () => {
  netns.ip(['rule add from 192.168.0.0/24 lookup 100', 'route add 10.0.0.0/8 dev e0', 'link set x0 master br.0']);
  const together = await collectTopology(netns.ref, {});
  const pending = collectNetns(netns.ref, TOPOLOGY_ARTIFACTS);
  for (const name of TOPOLOGY_ARTIFACTS.filter((one) => one !== 'links')) {
    const { ms: _, ...alone } = await pending[name];
    expect(together[name], name).toMatchObject(alone);
  }
  const names = (artifact: Awaited<typeof pending.links>) => artifact.ok && artifact.value.map((link) => link.ifname);
  expect(names(together.links)).toEqual(names(await pending.links));
  expect(together.rules).toMatchObject({ value: expect.arrayContaining([expect.objectContaining({ family: 6 })]) });
  const gone = await collectTopology({ ...netns.ref, path: '/proc/4194300/ns/net' }, {});
  expect(Object.values(gone).map((artifact) => artifact.ok)).toEqual(TOPOLOGY_ARTIFACTS.map(() => false));
});

it('says when the namespace is gone', async () => {
  const gone = { ...netns.ref, path: '/proc/4194300/ns/net' };
  expect(await collectors.links.collect(gone, {})).toMatchObject({
    ok: false,
    reason: 'failed',
    message: expect.stringMatching(/No such file/),
  });
});

it('writes routes and rules that iproute2 takes again', async () => {
  netns.ip([
    'route add default via 198.51.100.1',
    'route add 10.1.0.0/16 nexthop via 198.51.100.2 weight 2 nexthop via 198.51.100.3',
    'route add blackhole 10.2.0.0/16 metric 7',
    'route add throw 10.4.0.0/16 table 100',
    'route add prohibit 10.5.0.0/16 tos 0x10',
    'route add 10.6.0.0/16 via inet6 fe80::1 dev e0',
    'route add 10.7.0.0/16 via 203.0.113.77 dev e0 onlink src 198.51.100.10 mtu 1400 advmss 1300 table 200 proto static',
    'nexthop add id 5 via 198.51.100.7 dev e0',
    'route add 10.8.0.0/16 nhid 5',
    'route add 10.11.0.0/16 dev e0 initcwnd 10 features ecn',
    'rule add from 192.168.0.0/24 iif e0 lookup 100',
    'rule add not fwmark 0x10/0xff lookup 200',
    'rule add lookup main suppress_prefixlength 0',
    'rule add to 10.9.0.0/16 blackhole',
    'rule add goto 32766 prio 50',
    'rule add nop prio 60',
    'rule add ipproto tcp sport 1000-2000 dport 80 tos 0x10 lookup 300 prio 70',
    'rule add uidrange 1000-2000 lookup 300 prio 80',
  ]);
  netns.run(
    ['ip', '-6', '-batch', '-'],
    'route add 2001:db8:6::/48 nexthop via fe80::9 dev e0 nexthop via fe80::8 dev e0 weight 3\nroute add unreachable 2001:db8:7::/48\n',
  );
  const read = async () => {
    const routes = await collectors.routes.collect(netns.ref, {});
    const rules = await collectors.rules.collect(netns.ref, {});
    if (!routes.ok || !rules.ok) throw new Error('unreadable');
    return [
      ...routes.value
        .filter((one) => one.table !== 'local' && !one.destination.startsWith('fe80'))
        .map((one) => ({ kind: 'route', family: one.family, text: one.text })),
      ...rules.value
        .filter((one) => one.priority !== 0)
        .map((one) => ({ kind: 'rule', family: one.family, text: one.text })),
    ];
  };
  const before = await read();
  expect(before.length).toBeGreaterThan(20);
  for (const { kind, family, text } of before) {
    for (const verb of ['del', 'add']) netns.run(['ip', `-${family}`, kind, verb, ...text.split(' ')]);
  }
  const sorted = (list: typeof before) => list.map((one) => `${one.family} ${one.kind} ${one.text}`).toSorted();
  expect(sorted(await read())).toEqual(sorted(before));
});

it('shells of a batch enter the namespace, and say what is missing as a command by itself does', async () => {
  const batch = new CommandBatch(1);
  const inside = (...argv: string[]) => inNetns(netns.ref, argv);
  const commands = [
    inside('readlink', '/proc/self/ns/net'),
    inside('no-such-program-here'),
    inNetns({ id: 'gone', path: '/run/netns/vethoscope-no-such-netns' }, ['true']),
    ['readlink', '/proc/self/ns/net'],
  ];
  const batched = await Promise.all(commands.map((argv) => batch.run(argv)));
  await batch.close();
  const alone = await Promise.all(commands.map((argv) => runCommand(argv)));
  const outcome = ({ argv, exitCode, stdout, stderr, failure }: CommandResult) => ({
    argv,
    exitCode,
    stdout,
    stderr,
    failure,
  });
  expect(batched.map(outcome)).toEqual(alone.map(outcome));
  expect(batched[0]?.stdout).toBe(`net:[${netns.ref.inode}]\n`);
  expect(batched[1]?.stderr).toMatch(/failed to execute/);
});
