import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { BuildPlan } from '../../src/model/build.js';
import { EXIT } from '../../src/model/errors.js';
import { bareHost, connects, serveIn, vethoscopeIn } from '../helpers/bare-lab.js';
import { inventoryOf } from '../helpers/inventory.js';
import { openLab, type TestLab } from '../helpers/lab.js';

const HOST = '198.51.100.10';
const OUTSIDE = '203.0.113.5';
const ALL = process.env['VETHOSCOPE_ALL_PREFIXES'] === '1';

let lab: TestLab;
let vethoscope: ReturnType<typeof vethoscopeIn>;
let before = '';

beforeEach(async () => {
  lab = await openLab(bareHost);
  vethoscope = vethoscopeIn(lab);
  before = await inventoryOf(lab);
});

afterEach(() => lab.close());

const built = async (...args: readonly string[]): Promise<string> => {
  const result = await vethoscope(['build', ...args, '--apply', '--destination', OUTSIDE]);
  expect(result.exitCode, result.stdout + result.stderr).toBe(EXIT.ok);
  expect(result.stdout).toContain(`ok: ${OUTSIDE} answers`);
  return result.stdout;
};

/** The lines in which two inventories differ. */
const differing = (one: string, other: string): readonly string[] => {
  const [first, second] = [new Set(one.split('\n')), new Set(other.split('\n'))];
  return [
    ...[...first].filter((line) => !second.has(line)).map((line) => `- ${line}`),
    ...[...second].filter((line) => !first.has(line)).map((line) => `+ ${line}`),
  ];
};

const undone = async (expected = before): Promise<void> => {
  const result = await vethoscope(['undo', '--last']);
  expect(result.exitCode, result.stdout + result.stderr).toBe(EXIT.ok);
  expect(differing(expected, await inventoryOf(lab))).toEqual([]);
};

const planOf = async (...args: readonly string[]): Promise<BuildPlan> => {
  const result = await vethoscope(['build', ...args, '--dry-run', '--json']);
  expect([EXIT.pending, EXIT.ok], result.stderr).toContain(result.exitCode);
  return JSON.parse(result.stdout).plan;
};

describe('from nothing', () => {
  test.each([
    ['iptables', ['--iptables']],
    ['native nft', ['--nftables']],
    ['both families', ['--iptables', '--ipv6']],
    ['both families with native nft', ['--nftables', '--ipv6']],
  ])('with %s: egress, and the published port from outside, from here and from the container', async (_, options) => {
    const { design } = await planOf('net1', ...options);
    await built('net1', ...options, '--publish', '8088:80');
    await serveIn(lab, 'net1', 80);
    for (const netns of ['outside', 'host', 'net1'])
      expect(await connects(lab, netns, HOST, 8088), `from ${netns}`).toBe(true);
    if (options.includes('--ipv6')) {
      const [, six] = design.families;
      expect((await lab.exec(`ping -6 -c 1 -W 2 ${six?.gateway}`, { netns: 'net1' })).exitCode).toBe(0);
    }
    const again = await built('net1', ...options, '--publish', '8088:80');
    expect(again).toContain('right already');
    expect((await vethoscope(['journal', '--json'])).stdout.match(/"status":"verified"/g)).toHaveLength(1);
    await undone();
  });

  test('the textbook network, its namespace too, explained', async () => {
    const text = await built('--textbook', 'net7', '--teach');
    expect(text).toContain('a veth pair is a cable');
    expect((await lab.exec('ip netns list')).stdout).toContain('net7');
    expect((await vethoscope(['build', '--textbook', 'net7', '--dry-run'])).exitCode).toBe(EXIT.ok);
    await undone();
    expect((await lab.exec('ip netns list')).stdout).not.toContain('net7');
  });

  test('the network of an unshare -n process', async () => {
    const child = lab.start(['unshare', '-n', 'sleep', '600']);
    const nameOf = (): Promise<string> => readFile(`/proc/${child.pid}/comm`, 'utf8').catch(() => '');
    await vi.waitFor(async () => expect(await nameOf()).toBe('sleep\n'), 10_000);
    await built(`pid:${child.pid}`);
    await undone();
    child.kill('SIGKILL');
  });

  test('a small uplink sets the size of the cable', async () => {
    await lab.run(['ip link set eth0 mtu 1400']);
    const small = await inventoryOf(lab);
    await built('net1');
    expect((await lab.exec('cat /sys/class/net/eth0/mtu; ip -n net1 -o link show eth0')).stdout).toMatch(
      /1400\n.*mtu 1400/s,
    );
    await undone(small);
  });
});

describe('from a stage of the work', () => {
  test('every prefix of the steps is completed, and undone to where it was', { timeout: 600_000 }, async () => {
    const { parts } = await planOf('net1', '--publish', '8088:80', '--iptables');
    const commands = parts.flatMap(({ step }) => (step === null ? [] : [step.argv]));
    expect(commands.length).toBeGreaterThan(15);
    const taken = ALL ? commands.map((_, index) => index) : [4, 10];
    for (const length of taken) {
      const made = await openLab(bareHost);
      const program = vethoscopeIn(made);
      try {
        for (const argv of commands.slice(0, length)) expect(await made.exec(argv)).toMatchObject({ exitCode: 0 });
        const stage = await inventoryOf(made);
        const result = await program([
          'build',
          'net1',
          '--iptables',
          '--publish',
          '8088:80',
          '--apply',
          '--destination',
          OUTSIDE,
        ]);
        expect(result.exitCode, `${length}: ${result.stdout}${result.stderr}`).toBe(EXIT.ok);
        expect(result.stdout.match(/right already$/gm) ?? []).toHaveLength(length);
        const back = await program(['undo', '--last']);
        expect(back.exitCode, back.stdout).toBe(EXIT.ok);
        expect(differing(stage, await inventoryOf(made)), `after ${length} steps`).toEqual([]);
      } finally {
        await made.close();
      }
    }
  });
});

describe('what is in use', () => {
  /** A neighbour behind another switch, of which this host knows nothing: only ARP finds it. */
  const HIDDEN = [
    'ip link add br0 type bridge',
    'ip addr add 192.168.44.1/24 dev br0',
    'ip link set br0 up',
    'ip netns add switch',
    'ip netns add far',
    'ip link add to-switch type veth peer name sw1 netns switch',
    'ip link set to-switch master br0 up',
    'ip -n switch link add sw0 type bridge',
    'ip -n switch link set sw0 up',
    'ip -n switch link set sw1 master sw0 up',
    'ip -n switch link add sw2 type veth peer name eth0 netns far',
    'ip -n switch link set sw2 master sw0 up',
    'ip -n far addr add 192.168.44.2/24 dev eth0',
    'ip -n far link set eth0 up',
  ];

  test('an address that answers ARP is not taken, and refused when it is asked for', async () => {
    await lab.run(HIDDEN);
    const stage = await inventoryOf(lab);
    const { design } = await planOf('net1');
    expect(design.families[0]).toMatchObject({
      subnet: '192.168.44.0/24',
      gateway: '192.168.44.1',
      address: '192.168.44.3',
    });
    const refused = await vethoscope(['build', 'net1', '--address', '192.168.44.2', '--apply']);
    expect(refused.exitCode).toBe(EXIT.usage);
    expect(refused.stderr).toContain('192.168.44.2 is in use already');
    await built('net1');
    await undone(stage);
  });

  test('a bridge of another subnet keeps it, and gets the one asked for as well', async () => {
    await lab.run(['ip link add br0 type bridge', 'ip addr add 10.61.0.1/24 dev br0', 'ip link set br0 up']);
    const stage = await inventoryOf(lab);
    const text = await built('net1', '--subnet', '192.168.45.0/24');
    expect(text).toContain('br0 has 10.61.0.1/24 already');
    await undone(stage);
    await lab.run([
      'ip -n net1 link add eth0 type veth peer name loose',
      'ip -n net1 link del eth0',
      'ip link del br0',
    ]);
  });

  test('what somebody else plugged into our bridge is not torn down', async () => {
    await built('net1');
    await lab.run(['ip link add other0 type veth peer name other1', 'ip link set other0 master br0']);
    const refused = await vethoscope(['undo', '--last']);
    expect(refused.exitCode).toBe(EXIT.refused);
    expect(refused.stdout).toContain('other0');
    await lab.run(['ip link del other0']);
    await undone();
  });

  test.each([
    [['build', 'net1', '--bridge', 'eth0'], 'eth0 is there already, and no bridge'],
    [['build', 'net1', '--bridge', 'a;b'], '--bridge is a device name'],
    [['build', 'net1', '--subnet', '10.0.0.0'], 'is no IPv4 subnet'],
    [['build', 'net1', '--subnet', '10.9.0.0/24', '--address', '10.8.0.2'], 'no host address of 10.9.0.0/24'],
    [['build', 'net1', '--subnet', '10.9.0.0/24', '--gateway', '10.9.0.255'], 'the gateway 10.9.0.255'],
    [['build', 'net1', '--publish', '0:80'], 'write 8088:80'],
    [['build', 'net1', '--nftables', '--iptables'], 'exclude each other'],
    [['build'], 'name one target'],
    [['build', 'net1', '--textbook', 'net2'], 'name one target'],
    [['build', 'nowhere'], 'no container or network namespace'],
    [['build', 'net1'], 'nothing is applied without a yes'],
  ])('%j is refused, and nothing is changed', async (args, words) => {
    const result = await vethoscope(args);
    expect(result.exitCode).toBe(EXIT.usage);
    expect(result.stderr).toContain(words);
    expect(differing(before, await inventoryOf(lab))).toEqual([]);
  });
});
