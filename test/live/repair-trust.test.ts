import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EXIT } from '../../src/model/errors.js';
import { inventoryOf } from '../helpers/inventory.js';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';

const FLOW = ['net1', '203.0.113.5'];
const BREAK = ['sysctl -qw net.ipv4.ip_forward=0'];
const MEND = ['sysctl -qw net.ipv4.ip_forward=1'];

let lab: TestLab;

const vethoscope = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  lab.exec([...PROGRAM, ...args], { timeoutMs: 60_000, env: { VETHOSCOPE_STATE: lab.stateFolder, ...env } });

beforeAll(async () => {
  lab = await openLab('textbook');
});

afterAll(() => lab.close());

describe('what is never done without a word', () => {
  beforeEach(() => lab.run(BREAK));

  test('without a terminal and --apply nothing is applied', async () => {
    const before = await inventoryOf(lab);
    const result = await vethoscope(['fix', ...FLOW]);
    expect(result.exitCode).toBe(EXIT.usage);
    expect(result.stderr).toContain('--apply');
    expect(result.stdout).toContain('sysctl net.ipv4.ip_forward  0 -> 1');
    expect(await inventoryOf(lab)).toBe(before);
  });

  test('a dry run shows the plan and ends with 8', async () => {
    const before = await inventoryOf(lab);
    const result = await vethoscope(['fix', ...FLOW, '--dry-run', '--apply']);
    expect(result.exitCode).toBe(EXIT.pending);
    expect(result.stdout).toContain('sysctl -w net.ipv4.ip_forward=1');
    expect(await inventoryOf(lab)).toBe(before);
  });

  test('a script does what the plan says', async () => {
    const { stdout, exitCode } = await vethoscope(['fix', ...FLOW, '--script']);
    expect(exitCode).toBe(EXIT.ok);
    expect((await lab.exec(stdout)).exitCode).toBe(0);
    expect((await lab.trace(FLOW)).exitCode).toBe(EXIT.ok);
  });

  test('the plan as JSON', async () => {
    const { stdout } = await vethoscope(['fix', ...FLOW, '--dry-run', '--json']);
    const { plan } = JSON.parse(stdout);
    expect(plan.steps).toMatchObject([
      { argv: ['sysctl', '-w', 'net.ipv4.ip_forward=1'], before: '0', after: '1', netns: 'host' },
    ]);
    expect(plan.steps[0].effects.join()).toContain('accept_redirects');
  });
});

describe('on a terminal', () => {
  beforeEach(() => lab.run(BREAK));

  const answer = (word: string) =>
    lab.exec(`printf '${word}\\n' | script -qec '${[...PROGRAM, 'fix', ...FLOW].join(' ')}' /dev/null`, {
      timeoutMs: 60_000,
      env: { VETHOSCOPE_STATE: lab.stateFolder, TERM: 'xterm' },
    });

  test('the word yes applies, and no other does', async () => {
    const before = await inventoryOf(lab);
    const declined = await answer('y');
    expect(declined.stdout).toContain('Type the word yes');
    expect(declined.exitCode, declined.stdout).toBe(EXIT.pending);
    expect(await inventoryOf(lab)).toBe(before);
    const applied = await answer('yes');
    expect(applied.exitCode, applied.stdout).toBe(EXIT.ok);
    expect((await vethoscope(['undo', '--last'])).exitCode).toBe(EXIT.ok);
    expect(await inventoryOf(lab)).toBe(before);
  });
});

describe('the stored run', () => {
  test('is mended while it is true, and refused when it is not', async () => {
    await lab.run(BREAK);
    const { run } = await lab.trace(FLOW);
    const fixed = await vethoscope(['fix', run?.run.id ?? '', '--apply']);
    expect(fixed.exitCode, fixed.stderr).toBe(EXIT.ok);
    expect((await vethoscope(['fix', run?.run.id ?? '', '--apply'])).exitCode).toBe(EXIT.ok);
    await lab.run(['ip -n net1 route del default']);
    const refused = await vethoscope(['fix', run?.run.id ?? '', '--apply']);
    expect(refused).toMatchObject({ exitCode: EXIT.refused });
    expect(refused.stderr).toContain('not true any more');
    await lab.run(['ip -n net1 route add default via 192.168.0.1']);
    await vethoscope(['undo', '--last']);
  });
});

describe('over ssh', () => {
  test('a change to the way of the session is not made without --try', async () => {
    await lab.run(['ip route add unreachable 203.0.113.0/24']);
    const before = await inventoryOf(lab);
    const session = { SSH_CONNECTION: '198.51.100.1 50000 198.51.100.10 22' };
    const refused = await vethoscope(['fix', ...FLOW, '--apply'], session);
    expect(refused.exitCode, refused.stderr).toBe(EXIT.refused);
    expect(refused.stderr).toContain('your ssh session from 198.51.100.1 crosses');
    expect(refused.stderr).toContain('--try 60s');
    expect(await inventoryOf(lab)).toBe(before);
    expect((await vethoscope(['fix', ...FLOW, '--apply', '--try', '30s'], session)).exitCode).toBe(EXIT.ok);
    expect((await vethoscope(['undo', '--last'])).exitCode).toBe(EXIT.ok);
    expect(await inventoryOf(lab)).toBe(before);
    await lab.run(['ip route del unreachable 203.0.113.0/24']);
  });
});

describe('--strict', () => {
  test('forwards for the two devices of the path alone, and is undone exactly', async () => {
    await lab.run([...BREAK, 'ip link add other0 type bridge']);
    const before = await inventoryOf(lab);
    const fixed = await vethoscope(['fix', ...FLOW, '--apply', '--strict']);
    expect(fixed.exitCode, fixed.stdout + fixed.stderr).toBe(EXIT.ok);
    const { stdout } = await lab.exec(
      'for c in all br0 eth0 veth1_p other0; do sysctl -n net.ipv4.conf.$c.forwarding; done',
    );
    expect(stdout.split('\n').slice(0, 5)).toEqual(['0', '1', '1', '0', '0']);
    expect((await vethoscope(['undo', '--last'])).exitCode).toBe(EXIT.ok);
    expect(await inventoryOf(lab)).toBe(before);
    await lab.run(['ip link del other0']);
  });
});

describe('--only', () => {
  test('mends the one cause and leaves the other; a cause that is not there is nothing to mend', async () => {
    await lab.run([...BREAK, 'iptables -P FORWARD DROP']);
    const before = await inventoryOf(lab);
    const none = await vethoscope(['fix', ...FLOW, '--only', 'nic-down', '--apply']);
    expect(none.exitCode).toBe(EXIT.fault);
    expect(none.stderr).toContain('nothing to mend about nic-down');
    expect(await inventoryOf(lab)).toBe(before);
    const fixed = await vethoscope(['fix', ...FLOW, '--only', 'host-ip-forward-off', '--apply']);
    expect(fixed.exitCode, fixed.stdout + fixed.stderr).toBe(EXIT.ok);
    expect((await lab.exec('sysctl -n net.ipv4.ip_forward')).stdout).toBe('1\n');
    expect((await lab.exec('iptables -S FORWARD')).stdout).toBe('-P FORWARD DROP\n');
    expect((await lab.trace(FLOW)).run?.diagnosis.cause).toBe('nf-forward-policy-drop');
    expect((await vethoscope(['undo', '--last'])).exitCode).toBe(EXIT.ok);
    expect(await inventoryOf(lab)).toBe(before);
    await lab.run(['iptables -P FORWARD ACCEPT']);
  });
});

describe('a fix that does not help', () => {
  test('is rolled back when the fault outside shows, and the host is as before', async () => {
    await lab.run(BREAK);
    await lab.run(['ip netns exec outside iptables -A INPUT -s 198.51.100.10 -j DROP']);
    try {
      const before = await inventoryOf(lab);
      const result = await vethoscope(['fix', ...FLOW, '--apply']);
      expect(result.exitCode, result.stdout + result.stderr).toBe(EXIT.rolledBack);
      expect(result.stdout).toContain('everything is back');
      expect(await inventoryOf(lab)).toBe(before);
      const journal = JSON.parse((await vethoscope(['journal', '--json'])).stdout);
      expect(journal.entries[0]).toMatchObject({ status: 'undone' });
    } finally {
      await lab.run(['ip netns exec outside iptables -D INPUT -s 198.51.100.10 -j DROP']);
    }
  });

  test('and cannot be rolled back: exit code 7, with the commands for a person', async () => {
    await lab.run(BREAK);
    await lab.run(['ip netns exec outside iptables -A INPUT -s 198.51.100.10 -j DROP']);
    const tools = join(lab.stateFolder, 'tools');
    const refusing = `#!/bin/sh\ncase "$*" in *=0*) exit 1;; esac\nexec /usr/sbin/sysctl "$@"\n`;
    await mkdir(tools);
    await writeFile(join(tools, 'sysctl'), refusing, { mode: 0o755 });
    try {
      const before = await inventoryOf(lab);
      const failed = await vethoscope(['fix', ...FLOW, '--apply'], { PATH: `${tools}:${process.env['PATH']}` });
      expect(failed.exitCode, failed.stdout + failed.stderr).toBe(EXIT.rollbackFailed);
      expect(failed.stdout).toContain('not everything is back; run by hand:');
      expect(failed.stdout).toContain('sysctl -q -w net.ipv4.ip_forward=0');
      expect((await vethoscope(['undo', '--last'])).exitCode).toBe(EXIT.ok);
      expect(await inventoryOf(lab)).toBe(before);
    } finally {
      await lab.run(['ip netns exec outside iptables -D INPUT -s 198.51.100.10 -j DROP']);
    }
  });

  test('is a step that failed when its command says nothing and the value stays', async () => {
    await lab.run(BREAK);
    const tools = join(lab.stateFolder, 'silent');
    await mkdir(tools);
    await writeFile(join(tools, 'sysctl'), `#!/bin/sh\n[ "$1" = -a ] && exec /usr/sbin/sysctl "$@"; exit 0\n`, {
      mode: 0o755,
    });
    const before = await inventoryOf(lab);
    const failed = await vethoscope(['fix', ...FLOW, '--apply'], { PATH: `${tools}:${process.env['PATH']}` });
    expect(failed.exitCode, failed.stdout + failed.stderr).toBe(EXIT.rolledBack);
    expect(failed.stdout + failed.stderr).toContain('it said nothing, but the value is still 0');
    expect(await inventoryOf(lab)).toBe(before);
  });

  test('is rolled back when it is interrupted', async () => {
    await lab.run([...BREAK, 'ip netns exec outside iptables -A INPUT -s 198.51.100.10 -j DROP']);
    try {
      const before = await inventoryOf(lab);
      const child = lab.start(['env', `VETHOSCOPE_STATE=${lab.stateFolder}`, ...PROGRAM, 'fix', ...FLOW, '--apply']);
      child.stdout.resume();
      await new Promise<void>((resolve) => {
        child.stderr.on('data', (text: Buffer) => text.toString().includes('apply ') && resolve());
      });
      child.kill('SIGINT');
      expect((await child.ended).exitCode).toBe(EXIT.interrupted);
      expect(await inventoryOf(lab)).toBe(before);
      expect((await vethoscope(['undo', '--last'])).stdout).toContain('nothing to undo');
    } finally {
      await lab.run(['ip netns exec outside iptables -D INPUT -s 198.51.100.10 -j DROP']);
    }
  });
});

describe('undo', () => {
  test('refuses with the three values when somebody changed the same since', async () => {
    await lab.run([...MEND, 'sysctl -qw net.ipv4.conf.br0.forwarding=0 net.ipv4.conf.all.rp_filter=0']);
    expect((await vethoscope(['fix', ...FLOW, '--apply'])).exitCode).toBe(EXIT.ok);
    await lab.run(['ip link set br0 mtu 1400', 'sysctl -qw net.ipv4.conf.br0.forwarding=1']);
    await lab.run(['iptables -P FORWARD DROP']);
    const second = await vethoscope(['fix', ...FLOW, '--apply']);
    expect(second.exitCode, second.stderr).toBe(EXIT.ok);
    const [tag = ''] = /vethoscope:[0-9a-z]+:1/.exec((await lab.exec('iptables-save')).stdout) ?? [];
    await lab.run([`iptables -R FORWARD 1 -s 192.168.0.9 -m comment --comment ${tag} -j ACCEPT`]);
    const before = await inventoryOf(lab);
    const refused = await vethoscope(['undo', '--last']);
    expect(refused.exitCode, refused.stdout).toBe(EXIT.refused);
    expect(refused.stdout).toMatch(/was absent, we made it .*192\.168\.0\.2.*, now it is .*192\.168\.0\.9/s);
    expect(await inventoryOf(lab)).toBe(before);
    await lab.run(['iptables -F FORWARD', 'iptables -P FORWARD ACCEPT', 'ip link set br0 mtu 1500']);
    expect((await vethoscope(['undo', '--last'])).exitCode).toBe(EXIT.ok);
    expect((await vethoscope(['undo', '--last'])).exitCode).toBe(EXIT.ok);
    expect((await lab.exec('sysctl -n net.ipv4.conf.br0.forwarding')).stdout).toBe('0\n');
    await lab.run(['sysctl -qw net.ipv4.conf.br0.forwarding=1']);
  });

  test('leaves what others changed beside it', async () => {
    await lab.run(BREAK);
    expect((await vethoscope(['fix', ...FLOW, '--apply'])).exitCode).toBe(EXIT.ok);
    await lab.run([
      'ip route add 198.51.101.0/24 via 198.51.100.1',
      'sysctl -qw net.ipv4.conf.eth0.accept_redirects=0',
    ]);
    await lab.run(['ip link add other0 type bridge', 'sysctl -qw net.ipv4.conf.other0.forwarding=1']);
    expect((await vethoscope(['undo', '--last'])).exitCode).toBe(EXIT.ok);
    const { stdout } = await lab.exec(
      'sysctl -n net.ipv4.ip_forward net.ipv4.conf.eth0.accept_redirects net.ipv4.conf.other0.forwarding; ip route show 198.51.101.0/24',
    );
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(['0', '0', '1', '198.51.101.0/24 via 198.51.100.1 dev eth0']);
    await lab.run([
      'ip route del 198.51.101.0/24',
      'ip link del other0',
      'sysctl -qw net.ipv4.conf.eth0.accept_redirects=1',
      ...MEND,
    ]);
  });

  test('counts as undone what is gone with a restart of the machine', async () => {
    await lab.run(BREAK);
    expect((await vethoscope(['fix', ...FLOW, '--apply'])).exitCode).toBe(EXIT.ok);
    const folder = join(lab.stateFolder, 'journal');
    const name =
      (await readdir(folder))
        .filter((file) => file.endsWith('.json'))
        .sort()
        .at(-1) ?? '';
    const entry = JSON.parse((await lab.exec(['cat', join(folder, name)])).stdout);
    await writeFile(join(folder, name), JSON.stringify({ ...entry, boot: 'another boot' }), { mode: 0o600 });
    const result = await vethoscope(['undo', '--last']);
    expect(result).toMatchObject({ exitCode: EXIT.ok });
    expect(result.stdout).toContain('gone with a restart');
    expect((await lab.exec('sysctl -n net.ipv4.ip_forward')).stdout).toBe('1\n');
  });
});

describe('the journal', () => {
  test('is locked: of two repairs at once one is refused', async () => {
    await lab.run(BREAK);
    const results = await Promise.all([1, 2].map(() => vethoscope(['fix', ...FLOW, '--apply'])));
    expect(results.map(({ exitCode }) => exitCode).sort()).toEqual([EXIT.ok, EXIT.refused]);
    expect(results.map(({ stderr }) => stderr).join()).toMatch(/another repair is going on \(PID \d+\)/);
    expect((await vethoscope(['undo', '--last'])).exitCode).toBe(EXIT.ok);
  });

  test('belongs to its user alone, and one that does not is not used', async () => {
    const folder = join(lab.stateFolder, 'journal');
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    await lab.exec(['chmod', '755', folder]);
    const refused = await vethoscope(['undo', '--last']);
    expect(refused.exitCode).toBe(EXIT.refused);
    await lab.exec(['chmod', '700', folder]);
  });

  test('with a damaged entry is not passed over', async () => {
    const path = join(lab.stateFolder, 'journal', '2099-01-01T000000Z-abcd.json');
    await writeFile(path, '{"format":1', { mode: 0o600 });
    const refused = await vethoscope(['fix', ...FLOW, '--apply']);
    expect(refused.exitCode).toBe(EXIT.refused);
    expect(refused.stderr).toContain(path);
    await lab.exec(['rm', path]);
  });
});
