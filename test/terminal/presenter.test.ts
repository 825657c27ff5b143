import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { cli, temporaryFolder } from '../helpers/cli.js';
import { PROGRAM } from '../helpers/lab.js';
import { openTmux } from '../helpers/tmux.js';

/** Two terminals with one state folder. */
const stage = async () => {
  const state = await temporaryFolder();
  const env = { XDG_STATE_HOME: state };
  onTestFinished(async () => {
    await cli(['lab', 'down', '--all'], { env });
  });
  const terminal = await openTmux(100, 30, env);
  const type = (...args: readonly string[]) => terminal.run([...PROGRAM, 'lab', ...args]);
  /** No process is left that was started here. */
  const nothingRuns = () =>
    vi.waitFor(async () => expect(await terminal.processes()).toEqual([]), { timeout: 10_000, interval: 50 });
  return { ...terminal, env, state, type, nothingRuns };
};

test('a scenario is presented: real commands, a hop, a hint, the answer, a check, break again, the end', {
  timeout: 60_000,
}, async () => {
  const room = await stage();
  await room.type('present', 'no-masquerade', '--name', 'room');
  await room.shows(/LAB {2}briefing .*The answer that never comes back/);
  const side = await openTmux(80, 24, room.env);
  await side.run([...PROGRAM, 'lab', 'notes', 'room']);
  await side.shows(/^briefing: The answer/m);
  expect((await stat(join(room.state, 'vethoscope/presented/room.json'))).mode & 0o777).toBe(0o600);
  await room.keys('Enter');
  await room.shows(/ENTER runs +\$ tcpdump -nni br0 -c 1 icmp/);
  await room.keys('Enter');
  await room.shows(/IP 192\.168\.0\.2 > 203\.0\.113\.5: ICMP echo request, id \d+, seq 1/);
  await side.shows(/has run +tcpdump[^$]*solution +iptables -t nat -A POSTROUTING/);
  await room.keys('h');
  await room.shows(/hint 1 of 4/);
  await room.keys('s');
  await room.shows(/s again shows the answer/);
  await room.keys('s');
  await room.shows(/solution +\$ iptables -t nat -A POSTROUTING/);
  await room.keys('c');
  await room.shows(/it does not work yet\s+no {2}ping 203\.0\.113\.5 from net1: lost, wanted answered/);
  const rule = 'iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE';
  const mended = await cli(['lab', 'exec', '--name', 'room', '--', 'sh', '-c', rule], { env: room.env });
  expect(mended.exitCode).toBe(0);
  await room.keys('c');
  await room.shows(/^ it works$/m);
  await room.keys('b');
  await room.shows(/it is broken again/);
  await room.shows(/reply 0\/3/);
  await room.keys('4');
  await room.shows(/hop 4, in host: tcpdump[\s\S]*IP 192\.168\.0\.2 > 203\.0\.113\.5/);
  await room.keys('q');
  await room.shows(/^\$\s*$/m);
  await side.shows(/the presentation has ended/);
  await room.nothingRuns();
  for (const folder of ['labs', 'presented', 'workshop'])
    expect(await readdir(join(room.state, 'vethoscope', folder))).toEqual([]);
});

test.each([
  ['its lab too', false],
  ['not a lab that ran before', true],
] as const)('SIGKILL in the middle of a capture ends all that ran, %s', { timeout: 60_000 }, async (_, before) => {
  const room = await stage();
  if (before) await cli(['lab', 'start', 'forward-off', '--name', 'room', '--no-shell'], { env: room.env });
  await room.type('present', 'forward-off', '--name', 'room', '--audience');
  await room.shows(/audience view/);
  await room.shows(/1 eth0/);
  await room.keys('3');
  await vi.waitFor(
    async () => expect((await room.processes()).some(({ args }) => args.startsWith('tcpdump'))).toBe(true),
    { timeout: 10_000, interval: 20 },
  );
  const presenter = (await room.processes()).find(({ args }) => args.includes('lab present'));
  if (!presenter) throw new Error('the presenter does not run');
  process.kill(presenter.pid, 'SIGKILL');
  await room.nothingRuns();
  expect((await cli(['lab', 'notes'], { env: room.env })).stderr).toMatch(/nothing is presented/);
  const { labs } = JSON.parse((await cli(['lab', 'list', '--json'], { env: room.env })).stdout);
  expect(labs.map(({ name }: { name: string }) => name)).toEqual(before ? ['room'] : []);
  expect(await readdir(join(room.state, 'vethoscope/presented'))).toEqual([]);
  expect(await readdir(join(room.state, 'vethoscope/workshop'))).toHaveLength(before ? 1 : 0);
});

test('without a terminal there is one clear line, and exit code 2', async () => {
  const { exitCode, stderr, stdout } = await cli(['lab', 'present', 'no-masquerade']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(/cannot present: standard output is no terminal/);
});
