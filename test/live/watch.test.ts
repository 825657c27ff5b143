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
