import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import type { Watched } from '../../src/model/watch.js';
import { labForTest, PROGRAM } from '../helpers/lab.js';

const COUNT = 10;
const ROUNDS = 3;

const told = (line: string): { type: string; change?: { kind: string; text: string } } & Partial<Watched> =>
  JSON.parse(line);

test.each([
  ['answers to ICMP', [], '203.0.113.5', 'ok', { eth0: [1, 1], veth1_p: [1, 1], br0: [1, 1] }],
  ['ICMP that is not forwarded', ['sysctl -qw net.ipv4.ip_forward=0'], '203.0.113.5', 'fault[V3001]', { br0: [1, 0] }],
  [
    'TCP that is not forwarded',
    ['sysctl -qw net.ipv4.ip_forward=0'],
    'tcp://203.0.113.5:80',
    'fault[V3001]',
    { br0: [1, 0] },
  ],
] as const)('rounds that overlap do not confuse each other: %s', async (_name, commands, destination, status, hops) => {
  const lab = await labForTest('textbook');
  await lab.run([...commands]);
  const command = [...PROGRAM, 'watch', 'net1', destination, '--interval', '50ms', '-o', 'ndjson'];
  const [file = '', ...args] = lab.command(command);
  const watch = execa(file, args, { reject: false });
  onTestFinished(() => void watch.kill('SIGKILL'));
  const lines: ReturnType<typeof told>[] = [];
  for await (const line of watch) {
    lines.push(told(line));
    if (lines.filter(({ type }) => type === 'watched').length === ROUNDS) watch.kill('SIGINT');
  }
  expect((await watch).exitCode).toBe(130);
  const changes = lines.flatMap(({ change }) => change ?? []);
  expect(changes.map(({ text }) => text.split(':')[0])).toEqual([status]);
  const rounds = lines.filter(({ type }) => type === 'watched').slice(0, ROUNDS);
  for (const [index, round] of rounds.entries()) {
    const sent = (index + 1) * 2 * COUNT;
    expect(round).toMatchObject({ rounds: index + 1, sent });
    for (const [name, [out, back]] of Object.entries(hops))
      expect(round.hops?.find((hop) => hop.name === name)).toMatchObject({ forward: out * sent, return: back * sent });
  }
});

test('until a fault: the run of that moment is shown and stored, with the last good one to compare', async () => {
  const lab = await labForTest('textbook');
  const command = [...PROGRAM, 'watch', 'net1', '203.0.113.5', '--interval', '50ms', '--until-fault'];
  const [file = '', ...args] = lab.command(command);
  const watch = execa(file, args, { reject: false, env: { XDG_STATE_HOME: lab.stateFolder } });
  onTestFinished(() => void watch.kill('SIGKILL'));
  await new Promise<void>((resolve) => {
    watch.stdout.on('data', (text: Buffer) => (`${text}`.includes('ok: 203.0.113.5 answers') ? resolve() : undefined));
  });
  await lab.run(['sysctl -qw net.ipv4.ip_forward=0']);
  const { stdout, stderr, exitCode } = await watch;
  expect(stdout).toMatch(/^(error|warning)\[V3001\]: /m);
  expect([3, 4]).toContain(exitCode);
  const [, fault, good] = /stored: run (\w+), and (\w+) from before/.exec(stderr) ?? [];
  const { stdout: compared } = await lab.exec([...PROGRAM, 'diff', good ?? '', fault ?? '']);
  expect(compared).toContain('ip_forward');
});

const LISTENER =
  "require('node:net').createServer((socket) => socket.end()).listen(80, '203.0.113.5', () => console.log('ready'))";

test('until a fault: a port that answers and then refuses is one, told from outside, with the refusals counted', async () => {
  const lab = await labForTest('textbook');
  const server = lab.start([process.execPath, '-e', LISTENER], 'outside');
  onTestFinished(() => void server.kill('SIGKILL'));
  await new Promise((resolve) => server.stdout.once('data', resolve));
  const command = [...PROGRAM, 'watch', 'net1', 'tcp://203.0.113.5:80', '--interval', '50ms', '--until-fault'];
  const [file = '', ...args] = lab.command(command);
  const watch = execa(file, args, { reject: false, env: { XDG_STATE_HOME: lab.stateFolder } });
  onTestFinished(() => void watch.kill('SIGKILL'));
  await new Promise<void>((resolve) => {
    watch.stdout.on('data', (text: Buffer) => (`${text}`.includes('203.0.113.5:80 answers') ? resolve() : undefined));
  });
  server.killGroup('SIGKILL');
  const { stdout, exitCode } = await watch;
  expect(stdout).toMatch(/Z {2}fault\[V1901\]: port 80 of 203\.0\.113\.5 is refused, from outside this host$/m);
  expect(stdout).toMatch(/^\d+ of \d+ probes answered, [1-9]\d* refused, 0\.0 % lost/m);
  expect(stdout).toMatch(/^error\[V1901\]: /m);
  expect(exitCode).toBe(3);
});

test('a port that refuses from the first round on is a fault, and its refusals are no answers', async () => {
  const lab = await labForTest('textbook');
  const command = [...PROGRAM, 'watch', 'net1', 'tcp://203.0.113.5:81', '--interval', '50ms', '-o', 'ndjson'];
  const [file = '', ...args] = lab.command(command);
  const watch = execa(file, args, { reject: false });
  onTestFinished(() => void watch.kill('SIGKILL'));
  const lines: ReturnType<typeof told>[] = [];
  for await (const line of watch) {
    lines.push(told(line));
    if (lines.filter(({ type }) => type === 'watched').length === 2) watch.kill('SIGINT');
  }
  const rounds = lines.filter(({ type }) => type === 'watched').slice(0, 2);
  expect(rounds.map(({ sent, answered, refused }) => [answered, refused === sent && refused])).toEqual([
    [0, 2 * COUNT],
    [0, 4 * COUNT],
  ]);
  expect(lines.flatMap(({ change }) => change?.text ?? [])).toEqual([
    'fault[V1901]: port 81 of 203.0.113.5 is refused, from outside this host',
  ]);
});
