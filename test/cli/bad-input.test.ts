import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cmdlineOf } from '../../src/host/processes.js';
import { fakePrograms, temporaryFolder } from '../helpers/cli.js';
import { labForTest, PROGRAM, type TestLab } from '../helpers/lab.js';
import { expectClearError, expectNoCrash, runOf } from '../helpers/trace.js';

const DESTINATION = '203.0.113.5';

const text = (lab: TestLab, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  lab.exec([...PROGRAM, 'trace', ...args], { env, timeoutMs: 30_000 });

/** What a trace may have left behind: processes in the lab, namespaces. A process that ends is none. */
const leftovers = async (lab: TestLab): Promise<object> => ({
  processes: await Promise.all((await lab.processes()).map(async (pid) => [pid, ...(await cmdlineOf(pid))].join(' '))),
  namespaces: (await lab.exec('ls /run/netns')).stdout,
});

describe('a target', () => {
  test.each([
    ['no-such-target', /no-such-target/],
    ['netns:absent', /absent/],
    ['pid:999999999', /999999999/],
    ['pid:0', /0/],
    ['pid:-1', /-1/],
    ['/etc/hostname', /hostname/],
    ['/run/netns', /netns/],
    ['./absent', /absent/],
    ['', /./],
    ['__proto__', /__proto__/],
    ['net1;id', /net1;id/],
    ['../net1', /net1/],
  ])('%j that is none is one clear line', async (target, message) => {
    const lab = await labForTest('textbook');
    const before = await leftovers(lab);
    const result = await text(lab, ['--', target, DESTINATION]);
    expectClearError(result, 2);
    expect(result.stderr).toMatch(message);
    await expect.poll(() => leftovers(lab), { timeout: 3000 }).toEqual(before);
  });

  test('that is a namespace and a container is ambiguous: the choices are listed', async () => {
    const lab = await labForTest('textbook');
    const container = lab.start(['sleep', '60'], 'outside');
    const path = await fakePrograms({
      docker: `[ "$1" = inspect ] && echo '{"Id":"c0ffee","Name":"/net1","State":{"Pid":${container.pid},"Status":"running"}}'`,
    });
    const result = await text(lab, ['net1', DESTINATION], { PATH: path, DOCKER_HOST: 'unix:///nowhere' });
    expectClearError(result, 2);
    expect(result.stderr).toMatch(/netns:net1/);
    expect(result.stderr).toMatch(/docker:net1/);
  });

  test('that dies during the trace ends it without a crash', async () => {
    const lab = await labForTest('textbook');
    const sleeper = lab.start(['sleep', '60'], 'net1');
    const tracing = text(lab, [`pid:${sleeper.pid}`, DESTINATION, '--count', '20', '--interval', '50ms']);
    await new Promise((resolve) => setTimeout(resolve, 700));
    sleeper.kill('SIGKILL');
    expectNoCrash(await tracing);
  });
});

describe('a destination', () => {
  test.each(['no-such-name.invalid', '203.0.113.999', 'tcp://', 'tcp://203.0.113.5:99999', '[2001:db8::', 'a b', ''])(
    '%j that is none is one clear line',
    async (destination) => {
      const lab = await labForTest('textbook');
      expectClearError(await text(lab, ['--', 'net1', destination]), 2);
    },
  );
});

test('without root the trace says so, and what would help', async ({ skip }) => {
  skip(process.getuid?.() !== 0, 'the test gives its root away, so it needs to have it');
  const lab = await labForTest('textbook');
  const asNobody = [
    'setpriv',
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    '--bounding-set=-all',
    '--inh-caps=-all',
  ];
  const env = { XDG_STATE_HOME: '/nonexistent', HOME: '/nonexistent' };
  const result = await lab.exec([...asNobody, ...PROGRAM, 'trace', 'net1', DESTINATION], { env });
  expectClearError(result, 77);
});

describe('a program', () => {
  test('tcpdump that is missing: its package is named, and the other witnesses go on', async () => {
    const lab = await labForTest('textbook');
    const hide = 'for f in /usr/bin/tcpdump /usr/sbin/tcpdump; do [ -e $f ] && mount --bind /nothing $f; done; true';
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'tcpdump'), 'not a program', { mode: 0o644 });
    await lab.run([hide.replace('/nothing', join(folder, 'tcpdump'))]);
    const healthy = await text(lab, ['net1', DESTINATION]);
    expect(healthy.exitCode).toBe(0);
    expect(healthy.stdout.replace(/\s+/g, ' ')).toMatch(
      /captures: tcpdump is not installed[^:]*: no packet was seen at any device, only the kernel's events and counters tell \(apt-get install tcpdump\)/,
    );
    expect(healthy.stdout.match(/tcpdump/g)).toHaveLength(2);
    await lab.run(['sysctl -qw net.ipv4.ip_forward=0']);
    const broken = await text(lab, ['net1', DESTINATION]);
    expect(broken.exitCode).toBe(3);
    expect(broken.stdout).toMatch(/^error\[V3001\]: /m);
  });

  test.each([
    ['ip', 'echo "[{]"'],
    ['ip', 'head -c 100000 /dev/urandom'],
    ['ip', 'echo "Segmentation fault" >&2; exit 139'],
    ['ip', 'kill -9 $$'],
    ['nft', 'echo "{\\"nftables\\": 7}"'],
    ['iptables-nft-save', 'head -c 100000 /dev/urandom'],
    ['ping', 'head -c 10000 /dev/urandom'],
    ['ping', 'exit 2'],
    ['tcpdump', 'echo garbage; sleep 5'],
    ['tcpdump', 'echo "tcpdump: eth0: no such device" >&2; exit 1'],
    ['sysctl', 'yes'],
  ])('%s that does `%s` gives no wrong diagnosis', async (name, script) => {
    const lab = await labForTest('textbook');
    const before = await leftovers(lab);
    const path = await fakePrograms({ [name]: script });
    const result = await text(lab, ['net1', DESTINATION, '--timeout', '8s'], { PATH: path });
    expectNoCrash(result);
    expect(result.exitCode, 'a healthy network').not.toBe(3);
    await expect.poll(() => leftovers(lab), { timeout: 3000 }).toEqual(before);
  });

  test.each(['ip', 'nft', 'tcpdump'])(
    '%s that hangs, whatever it is told, does not outlive a SIGKILL of the trace',
    async (name) => {
      const lab = await labForTest('textbook');
      const before = await leftovers(lab);
      const path = await fakePrograms({ [name]: 'trap "" INT HUP; exec sleep 61' });
      const tracing = lab.start(['env', `PATH=${path}`, ...PROGRAM, 'trace', 'net1', DESTINATION]);
      const hanging = async () => JSON.stringify(await leftovers(lab)).includes('sleep 61');
      await expect.poll(hanging, { timeout: 10_000 }).toBe(true);
      tracing.kill('SIGKILL');
      await expect.poll(() => leftovers(lab), { timeout: 3000 }).toEqual(before);
    },
  );

  test.each(['ip', 'nft', 'iptables-nft-save', 'ping', 'tcpdump'])(
    '%s that hangs does not hang the trace',
    async (name) => {
      const lab = await labForTest('textbook');
      const before = await leftovers(lab);
      const path = await fakePrograms({ [name]: 'exec sleep 60' });
      const started = Date.now();
      const result = await text(lab, ['net1', DESTINATION, '--timeout', '6s'], { PATH: path });
      expectNoCrash(result);
      expect(result.exitCode).not.toBe(3);
      expect(Date.now() - started).toBeLessThan(10_000);
      await expect.poll(() => leftovers(lab), { timeout: 3000 }).toEqual(before);
    },
  );
});

test.each(['a;id', '$(id)', "it's", '-x', '__proto__', '\u001b[31mred', 'ünïcødé'])(
  'an interface named %j beside the path is no trouble, and never reaches the terminal raw',
  async (name) => {
    const lab = await labForTest('textbook');
    const made = await lab.exec(['ip', 'link', 'add', 'name', name, 'type', 'veth', 'peer', 'name', 'odd0']);
    expect(made.stderr).toBe('');
    await lab.exec(['ip', 'link', 'set', 'dev', name, 'master', 'br0', 'up']);
    const result = await text(lab, ['net1', DESTINATION, '-v']);
    expect(result.stderr).toBe('');
    expect(result.exitCode).toBe(0);
    expect(result.stdout).not.toContain('\u001b');
  },
);

test('an odd name on the path itself is traced as any other', async () => {
  const lab = await labForTest('textbook');
  await lab.run(['ip link set veth1_p down', "ip link set veth1_p name 'v;$(id)'", "ip link set 'v;$(id)' up"]);
  const result = await lab.trace(['net1', DESTINATION]);
  expect(runOf(result).path.hops.map((hop) => hop.ifname)).toContain('v;$(id)');
  expect(result.exitCode).toBe(0);
});

describe('output', () => {
  test.each(['text', 'json', 'ndjson'])('that is closed early ends the trace quietly (%s)', async (format) => {
    const lab = await labForTest('textbook');
    const before = await leftovers(lab);
    const command = [...PROGRAM, 'trace', 'net1', DESTINATION, '-o', format].map((word) => `'${word}'`).join(' ');
    const result = await lab.exec(['bash', '-c', `${command} | true; echo "\${PIPESTATUS[0]}"`]);
    expect(result.stderr).toBe('');
    expect(['0', '141']).toContain(result.stdout.trim());
    await expect.poll(() => leftovers(lab), { timeout: 3000 }).toEqual(before);
  });

  test('on a full disk: one warning, and the exit code of the diagnosis', async () => {
    const lab = await labForTest('textbook');
    await lab.run([
      'mkdir /run/full',
      'mount -t tmpfs -o size=16k full /run/full',
      'head -c 1M /dev/zero > /run/full/ballast 2>/dev/null || true',
    ]);
    const result = await text(lab, ['net1', DESTINATION], { XDG_STATE_HOME: '/run/full' });
    expect(result.stderr).toMatch(/^warning: the run is not stored: [^\n]*ENOSPC[^\n]*\n$/);
    expect(result.exitCode).toBe(0);
    expect((await lab.exec('find /run/full -name "*.tmp" -o -name "*.json"')).stdout).toBe('');
  });

  test('as JSON is one document and nothing else; ndjson begins with the version and ends with the run', async () => {
    const lab = await labForTest('textbook');
    const json = await text(lab, ['net1', DESTINATION, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ schema: 'vethoscope/run', formatVersion: '1.0' });
    expect(json.stderr).toBe('');
    const lines = (await text(lab, ['net1', DESTINATION, '-o', 'ndjson'])).stdout.trimEnd().split('\n');
    const events = lines.map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ type: 'version' });
    expect(events.at(-1)).toMatchObject({ type: 'run', run: { schema: 'vethoscope/run' } });
  });

  test('of a dry run is the path and the commands; nothing is sent', async () => {
    const lab = await labForTest('textbook');
    const before = await lab.exec('cat /proc/self/net/snmp', { netns: 'outside' });
    const result = await text(lab, ['net1', DESTINATION, '--dry-run']);
    expect(result.exitCode).toBe(0);
    for (const word of ['container', 'bridge', 'uplink', 'tcpdump', 'ping']) expect(result.stdout).toContain(word);
    expect((await lab.exec('cat /proc/self/net/snmp', { netns: 'outside' })).stdout).toBe(before.stdout);
  });
});

test('--timeout ends a trace that takes too long, with its own exit code', async () => {
  const lab = await labForTest('textbook');
  await lab.exec('iptables -A INPUT -p icmp -j DROP', { netns: 'outside' });
  const before = await leftovers(lab);
  expectClearError(await text(lab, ['net1', DESTINATION, '--wait', '5s', '--timeout', '600ms']), 124);
  await expect.poll(() => leftovers(lab), { timeout: 3000 }).toEqual(before);
});

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGKILL', null],
] as const)('%s during a trace', (signal, exitCode) => {
  test('leaves no process', async () => {
    const lab = await labForTest('textbook');
    await lab.run(['iptables -P FORWARD DROP']);
    const before = await leftovers(lab);
    const tracing = lab.start([...PROGRAM, 'trace', 'net1', DESTINATION, '--wait', '10s']);
    tracing.stdout.resume();
    let words = '';
    tracing.stderr.on('data', (data: Buffer) => {
      words += data.toString();
    });
    await expect.poll(async () => (await lab.processes()).length, { timeout: 5000, interval: 20 }).toBeGreaterThan(4);
    if (tracing.pid === null) throw new Error('the trace does not run');
    process.kill(tracing.pid, signal);
    const ended = await tracing.ended;
    expect(ended.exitCode).toBe(exitCode);
    expect(words).not.toMatch(/^\s+at /m);
    await expect.poll(() => leftovers(lab), { timeout: 3000, interval: 50 }).toEqual(before);
  });
});
