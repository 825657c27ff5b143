import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { collectNetns, collectors } from '../../../src/collect/index.js';
import { collectTopology } from '../../../src/collect/topology.js';
import { collectCommands } from '../../../src/engine/snapshot.js';
import type { NetnsRef } from '../../../src/model/netns.js';
import type { Hop, Path } from '../../../src/model/path.js';

const HOST: NetnsRef = { id: 'host', name: 'host', path: '/proc/self/ns/net', inode: 1 };

let folder: string;
const path = process.env['PATH'];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vethoscope-tools-'));
  process.env['PATH'] = `${folder}:${path}`;
});
afterEach(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true, force: true });
});

const fakeTool = (name: string, body: string): void => {
  writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, name), 0o755);
};

it('says that a tool is missing', async () => {
  process.env['PATH'] = folder;
  fakeTool('nsenter', 'echo "nsenter: failed to execute conntrack: No such file or directory" >&2; exit 127');
  const elsewhere = { ...HOST, id: 'target', path: '/proc/1/ns/net' };
  const flow = { family: 4, protocol: 'icmp', source: '192.0.2.1', destination: '192.0.2.2' } as const;
  expect(await collectors.conntrack.collect(elsewhere, { flow })).toMatchObject({ ok: false, reason: 'missing-tool' });
});

it('keeps the tool’s first line, control characters spelled out', async () => {
  fakeTool('ip', 'printf "\\nbad \\033[31mthing\\nmore\\n" >&2; exit 2');
  expect(await collectors.links.collect(HOST, {})).toMatchObject({
    ok: false,
    reason: 'failed',
    message: 'bad \\x1b[31mthing',
    command: ['ip', '-j', '-d', '-s', 'link', 'show'],
  });
});

it('tells a refusal from a failure', async () => {
  fakeTool('nft', 'echo "Operation not permitted (you must be root)" >&2; exit 1');
  expect(await collectors.nftables.collect(HOST, {})).toMatchObject({ ok: false, reason: 'not-permitted' });
});

it('calls garbage garbage', async () => {
  fakeTool('bridge', 'printf "[{\\"ifname\\": 3}]"');
  fakeTool('ss', 'echo rubbish');
  expect(await collectors.bridgePorts.collect(HOST, {})).toMatchObject({ ok: false, reason: 'garbage' });
  expect(await collectors.sockets.collect(HOST, {})).toMatchObject({
    ok: false,
    reason: 'garbage',
    message: expect.stringContaining('line 1'),
  });
});

it('does not wait for a tool that hangs', async () => {
  fakeTool('tc', 'exec sleep 30');
  const started = performance.now();
  const artifact = await collectors.qdiscs.collect(HOST, { timeoutMs: 100 });
  expect(artifact).toMatchObject({ ok: false, reason: 'timeout' });
  expect(performance.now() - started).toBeLessThan(2000);
});

it('lets one collector fail without the others', async () => {
  fakeTool('bridge', 'exit 1');
  const pending = collectNetns(HOST, ['links', 'fdb']);
  expect((await pending.links).ok).toBe(true);
  expect((await pending.fdb).ok).toBe(false);
});

it('takes the plain name of iptables for the back-end of its banner', async () => {
  process.env['PATH'] = folder;
  const save = 'case "$*" in *--version*) echo "iptables-save v1.8.9 (nf_tables)";; *) echo "*filter";; esac';
  fakeTool(
    'nsenter',
    `shift 2; case "$1" in iptables-save) shift; ${save};; *) echo "nsenter: failed to execute $1: No such file or directory" >&2; exit 127;; esac`,
  );
  const elsewhere = { ...HOST, id: 'target', path: '/proc/1/ns/net' };
  expect(await collectors.iptablesNft.collect(elsewhere, {})).toMatchObject({ ok: true, value: '*filter\n' });
});

it('does not run the legacy back-end where the kernel lists no table', async () => {
  fakeTool('iptables-legacy-save', 'echo ran');
  fakeTool('cat', 'echo "cat: $1: No such file or directory" >&2; exit 1');
  expect(await collectors.iptablesLegacy.collect(HOST, {})).toMatchObject({ ok: true, value: '' });
  fakeTool('cat', ':');
  expect(await collectors.iptablesLegacy.collect(HOST, {})).toMatchObject({ ok: true, value: '' });
  fakeTool('cat', 'echo "cat: $1: Permission denied" >&2; exit 1');
  expect(await collectors.iptablesLegacy.collect(HOST, {})).toMatchObject({ ok: false, reason: 'not-permitted' });
  fakeTool('cat', 'echo filter');
  expect(await collectors.iptablesLegacy.collect(HOST, {})).toMatchObject({ ok: true, value: 'ran\n' });
});

it('lists every command of a dry run, and none of them twice', () => {
  const hop: Hop = { id: 'h1', role: 'uplink', netns: 'host', ifname: 'eth0', ifindex: 2, captured: true };
  const path: Path = { hops: [hop], links: [], routers: [], notes: [] };
  const commands = collectCommands(HOST, path, { pid: 7, flow: null }).map((argv) => argv.join(' '));
  expect(commands).toContain('tc -j -s filter show dev eth0 ingress');
  expect(new Set(commands).size).toBe(commands.length);
  expect(commands.length).toBeGreaterThan(18);
  expect(Object.keys(collectors)).toEqual(Object.keys(collectors).toSorted());
  for (const [name, collector] of Object.entries(collectors)) expect(collector.artifact).toBe(name);
});

it('reads a topology one by one where the batch fails, and does not wait twice where it hangs', async () => {
  fakeTool('bridge', 'case "$*" in *-batch*) exit 255;; *) echo "[]";; esac');
  const topology = await collectTopology(HOST, {});
  expect(topology.fdb).toMatchObject({ ok: true, value: [], command: ['bridge', '-j', 'fdb', 'show'] });
  expect(topology.links.ok).toBe(true);
  fakeTool('bridge', 'exec sleep 30');
  const started = performance.now();
  expect((await collectTopology(HOST, { timeoutMs: 400 })).bridgePorts).toMatchObject({ ok: false, reason: 'timeout' });
  expect(performance.now() - started).toBeLessThan(1500);
});
