import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { faults } from '../../src/lab/faults/index.js';
import { uplink } from '../../src/lab/topologies/textbook.js';
import type { Topology } from '../../src/lab/topology.js';
import { EXIT } from '../../src/model/errors.js';
import { bareHost, connects, echoes, echoIn, serveIn, vethoscopeIn } from '../helpers/bare-lab.js';
import { inventoryOf } from '../helpers/inventory.js';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';
import { openTmux } from '../helpers/tmux.js';

// Each test builds a network, uses it from three sides and takes it back, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 });

const HOST = '198.51.100.10';
const HOST_6 = '2001:db8:1::10';
const OUTSIDE = '203.0.113.5';
const FROM = ['outside', 'host', 'net1'];

let lab: TestLab | null;

beforeEach(() => {
  lab = null;
});

afterEach(() => lab?.close());

const open = async (topology: Topology | string) => {
  const made = await openLab(topology);
  lab = made;
  return { made, vethoscope: vethoscopeIn(made), before: await inventoryOf(made) };
};

const build = (...options: readonly string[]) => ['build', 'net1', ...options, '--apply', '--destination', OUTSIDE];

describe('on a host with the legacy back-end alone', () => {
  const legacyHost: Topology = {
    ...bareHost,
    id: 'bare-legacy-host',
    steps: [
      ...uplink,
      { netns: 'host', commands: ['sysctl -qw net.ipv4.ip_forward=0', 'iptables-legacy -P FORWARD DROP'] },
      { netns: 'net1', commands: ['ip link set lo down'] },
    ],
    rootOnly: true,
  };
  /** What the kernel keeps of a legacy table that was used once. */
  const EMPTY_NAT = /\n\*nat\n:PREROUTING ACCEPT *\n:INPUT ACCEPT *\n:OUTPUT ACCEPT *\n:POSTROUTING ACCEPT *\nCOMMIT\n/;

  test('the rules are legacy ones; its table that stays is said beforehand, and is the only difference after undo', async () => {
    const { made, vethoscope, before } = await open(legacyHost);
    const options = ['--iptables', '--publish', '8088:80', '--publish', '5353:53/udp'];
    const built = await vethoscope(build(...options));
    expect(built.exitCode, built.stdout + built.stderr).toBe(EXIT.ok);
    expect(built.stdout.replace(/\s+/g, ' ')).toContain(
      'the legacy table nat of iptables appears; undo leaves it empty',
    );
    expect((await made.exec('nft list ruleset')).stdout).toBe('');
    await serveIn(made, 'net1', 80);
    await echoIn(made, 'net1', 53);
    for (const netns of FROM) {
      expect(await connects(made, netns, HOST, 8088), `TCP from ${netns}`).toBe(true);
      expect(await echoes(made, netns, HOST, 5353), `UDP from ${netns}`).toBe(true);
    }
    expect((await vethoscope(build(...options))).stdout).toContain('The network is complete');
    const undone = await vethoscope(['undo', '--last']);
    expect(undone.exitCode, undone.stdout + undone.stderr).toBe(EXIT.ok);
    const after = await inventoryOf(made);
    expect(after).toMatch(EMPTY_NAT);
    const bare = (text: string): string => text.replace(EMPTY_NAT, '\n').replace(/\n{2,}/g, '\n');
    expect(bare(after)).toBe(bare(before));
  });
});

describe('with both families', () => {
  test.each([['--iptables'], ['--nftables']])(
    '%s publishes TCP and UDP to outside, host and container',
    async (backend) => {
      const { made, vethoscope } = await open(bareHost);
      await made.run([
        `ip addr add ${HOST_6}/64 dev eth0 nodad`,
        'ip -n outside addr add 2001:db8:1::1/64 dev up0 nodad',
        'ip -6 route add default via 2001:db8:1::1',
      ]);
      const before = await inventoryOf(made);
      const options = [backend, '--ipv6', '--publish', '8088:80', '--publish', '5353:53/udp'];
      const built = await vethoscope(build(...options));
      expect(built.exitCode, built.stdout + built.stderr).toBe(EXIT.ok);
      expect((await made.exec('ping -6 -c 1 -W 2 2001:db8:1::1', { netns: 'net1' })).exitCode).toBe(0);
      await serveIn(made, 'net1', 80);
      await echoIn(made, 'net1', 53);
      for (const address of [HOST, HOST_6])
        for (const netns of FROM) {
          expect(await connects(made, netns, address, 8088), `TCP from ${netns} to ${address}`).toBe(true);
          expect(await echoes(made, netns, address, 5353), `UDP from ${netns} to ${address}`).toBe(true);
        }
      expect((await vethoscope(build(...options))).stdout).toContain('The network is complete');
      expect((await vethoscope(['undo', '--last'])).exitCode).toBe(EXIT.ok);
      expect(await inventoryOf(made)).toBe(before);
    },
  );
});

describe('a step that fails', () => {
  test.each(['dev eth0 up', '-t nat', 'ESTABLISHED'])('takes all back: what names %j', async (words) => {
    const { made, vethoscope, before } = await open(bareHost);
    await made.run(['ip link set eth0 mtu 1400']);
    const small = await inventoryOf(made);
    expect(small).not.toBe(before);
    const tools = join(made.stateFolder, 'tools');
    await mkdir(tools);
    for (const program of ['iptables-nft', 'ip']) {
      const path = (await made.exec(['sh', '-c', `command -v ${program}`])).stdout.trim();
      await writeFile(
        join(tools, program),
        `#!/bin/sh\ncase "$*" in *save*|*-D*) ;; *"${words}"*) echo "refused by the test" >&2; exit 4;; esac\nexec ${path} "$@"\n`,
      );
      await chmod(join(tools, program), 0o755);
    }
    const failed = await vethoscope(build('--iptables', '--publish', '8088:80'), {
      PATH: `${tools}:${process.env['PATH']}`,
    });
    expect(failed.exitCode, failed.stdout + failed.stderr).toBe(EXIT.rolledBack);
    expect(failed.stderr).toContain('refused by the test');
    expect(failed.stdout).toContain('not built. everything is back');
    expect(await inventoryOf(made)).toBe(small);
  });
});

describe('in a terminal', () => {
  test('the word yes builds, and no other does', async () => {
    const { made, before } = await open(bareHost);
    const tmux = await openTmux(100, 50);
    const command = made.command([
      ...['env', `VETHOSCOPE_STATE=${made.stateFolder}`, `XDG_STATE_HOME=${made.stateFolder}`, ...PROGRAM],
      ...['build', 'net1', '--destination', OUTSIDE],
    ]);
    await tmux.run(['sh', '-c', '"$@"; echo code=$?', 'sh', ...command]);
    await tmux.shows(/Type the word yes: *$/m);
    await tmux.run('y');
    await tmux.shows(new RegExp(`^code=${EXIT.pending}$`, 'm'));
    expect(await inventoryOf(made)).toBe(before);
    await tmux.run('clear');
    await tmux.run(['sh', '-c', '"$@"; echo code=$?', 'sh', ...command]);
    await tmux.shows(/Type the word yes: *$/m);
    await tmux.run('yes');
    await vi.waitFor(async () => expect(await tmux.screen()).toMatch(/^code=0$/m), { timeout: 60_000, interval: 200 });
    expect((await vethoscopeIn(made)(['undo', '--last'])).exitCode).toBe(EXIT.ok);
    expect(await inventoryOf(made)).toBe(before);
  });
});

describe('on trial', () => {
  const lastStatus = async (made: TestLab): Promise<string> =>
    JSON.parse((await vethoscopeIn(made)(['journal', '--json'])).stdout).entries[0].status;

  test('it is taken back by itself, also when the program was killed', async () => {
    const { made, vethoscope, before } = await open(bareHost);
    const built = await vethoscope(build('--try', '8s'));
    expect(built.exitCode, built.stdout + built.stderr).toBe(EXIT.ok);
    expect(built.stdout).toMatch(/built\. Rolled back by itself in \d+ s unless you keep it/);
    expect(await inventoryOf(made)).not.toBe(before);
    await vi.waitFor(async () => expect(await lastStatus(made)).toBe('undone'), { timeout: 60_000, interval: 200 });
    expect(await inventoryOf(made)).toBe(before);
    const killed = await vethoscope(build('--try', '3s'), { VETHOSCOPE_TEST_KILL_AT: '20' });
    expect(killed.exitCode).not.toBe(EXIT.ok);
    await vi.waitFor(async () => expect(await lastStatus(made)).toBe('undone'), { timeout: 60_000, interval: 200 });
    expect(await inventoryOf(made)).toBe(before);
  });

  test('what is kept stays, until it is undone', async () => {
    const { made, vethoscope, before } = await open(bareHost);
    expect((await vethoscope(build('--try', '10s'))).exitCode).toBe(EXIT.ok);
    const { run } = JSON.parse((await vethoscope(['journal', '--json'])).stdout).entries[0];
    expect((await vethoscope(['fix', '--keep', run])).exitCode).toBe(EXIT.ok);
    await sleep(11_000);
    expect((await made.exec('ip -br link show br0')).exitCode).toBe(0);
    expect((await vethoscope(['undo', run])).exitCode).toBe(EXIT.ok);
    expect(await inventoryOf(made)).toBe(before);
  });
});

test('a container whose address nothing here tells any more is told of build, which gives it a free one', async () => {
  const { made, vethoscope } = await open('textbook');
  for (const id of ['ctr-no-ip', 'br-down']) await made.run(faults.find((fault) => fault.id === id)?.break ?? []);
  const before = await inventoryOf(made);
  const told = await vethoscope(['fix', 'net1', OUTSIDE, '--apply']);
  expect(told.exitCode, told.stdout + told.stderr).toBe(EXIT.fault);
  expect(told.stdout.replace(/\s+/g, ' ')).toContain('give it a free one (vethoscope build net1)');
  expect(await inventoryOf(made)).toBe(before);
  const built = await vethoscope(build());
  expect(built.exitCode, built.stdout + built.stderr).toBe(EXIT.ok);
  expect((await made.trace(['net1', OUTSIDE])).run?.diagnosis.status).toBe('ok');
  expect((await vethoscope(['undo', '--last'])).exitCode).toBe(EXIT.ok);
  expect(await inventoryOf(made)).toBe(before);
});
