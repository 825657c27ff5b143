import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { cli, temporaryFolder } from '../helpers/cli.js';
import { PROGRAM } from '../helpers/lab.js';
import { openTmux } from '../helpers/tmux.js';

/** A terminal and a state folder for the labs of one test. */
const classroom = async () => {
  const state = await temporaryFolder();
  const env = { XDG_STATE_HOME: state };
  onTestFinished(async () => {
    await cli(['lab', 'down', '--all'], { env });
  });
  const tmux = await openTmux(100, 30, env);
  return {
    ...tmux,
    state,
    lab: (...args: readonly string[]) => cli(['lab', ...args], { env }),
    type: (...args: readonly string[]) => tmux.run([...PROGRAM, 'lab', ...args]),
    /** No process is left that was started here, and no lab is remembered. */
    nothingLeft: async () => {
      await vi.waitFor(async () => expect(await tmux.processes()).toEqual([]), { timeout: 10_000, interval: 50 });
      expect(await readdir(join(state, 'vethoscope/labs'))).toEqual([]);
    },
  };
};

test('a learner works in the lab, sees the namespace in the prompt, asks, solves and leaves', {
  timeout: 90_000,
}, async () => {
  const room = await classroom();
  await room.type('start', 'no-masquerade', '--name', 'anna');
  const begin = await room.shows(/\[anna host\] \S+ [#$]\s*$/m);
  expect(begin).toMatch(/The answer that never comes back {2}\(level 2, 8 min\)/);
  await room.run('clear; ip netns exec net1 bash');
  await room.shows(/\[anna net1\] \S+ [#$]\s*$/m);
  await room.run('ip -br addr show eth0');
  await room.shows(/192\.168\.0\.2\/24/);
  await room.run('exit');
  await room.run('clear; vethoscope lab check');
  await room.shows(/it does not work yet/);
  await room.run('clear; vethoscope lab hint');
  await room.shows(/hint 1, 10 points:\n {2}Capture on eth0/);
  await room.run('clear; timeout 1 tcpdump -nni eth0; vethoscope lab hint');
  await room.shows(/hint 2, 10 points:\n {2}A rule is missing/);
  await room.run('clear; vethoscope trace net1 203.0.113.5 --no-tui --no-save | head -1');
  await room.shows(/^error\[V\d+\]: .*masquerade/im);
  await room.run('clear; iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE');
  await room.run('vethoscope lab check');
  await room.shows(/it works: solved, 75 of 100 points/);
  await room.run('clear; exit');
  await room.shows(/the lab anna still runs: lab enter anna, lab down anna/);
  await room.type('enter', 'anna');
  await room.shows(/\[anna host\]/);
  await room.run('clear; vethoscope lab start no-masquerade');
  await room.shows(/error: this is a shell in a lab/);
  await room.run('exit');
  await room.shows(/^\$\s*$/m);
  expect((await room.lab('down', 'anna')).exitCode).toBe(0);
  await room.nothingLeft();
});

test.each(['SIGKILL', 'SIGHUP'] as const)(
  '%s in the middle leaves the lab to enter again, and nothing after down',
  {
    timeout: 60_000,
  },
  async (signal) => {
    const room = await classroom();
    await room.type('start', 'build-2-cable', '--name', 'ben');
    await room.shows(/\[ben host\]/);
    await room.run('clear; ip link add veth1_p type veth peer name eth0 netns net1; ping 127.0.0.1');
    await room.shows(/icmp_seq=2/);
    const starter = (await room.processes()).find(({ args }) => args.includes('lab start'));
    if (!starter) throw new Error('lab start does not run');
    process.kill(starter.pid, signal);
    await vi.waitFor(
      async () => expect((await room.processes()).filter(({ args }) => /lab start|ping/.test(args))).toEqual([]),
      { timeout: 10_000, interval: 50 },
    );
    expect(JSON.parse((await room.lab('list', '--json')).stdout).labs).toMatchObject([{ name: 'ben' }]);
    expect((await room.lab('exec', '--', 'ip', 'link', 'show', 'veth1_p')).exitCode).toBe(0);
    expect(JSON.parse((await room.lab('down', '--all', '--json')).stdout)).toEqual({ removed: ['ben'] });
    await room.nothingLeft();
  },
);

test('a session is recorded as asciicast', { timeout: 60_000 }, async () => {
  const room = await classroom();
  await room.lab('start', 'no-masquerade', '--name', 'carla');
  const file = join(room.state, 'session.cast');
  await room.type('record', file);
  await room.shows(/\[carla host\]/);
  await room.run('echo "one → two"');
  await room.shows(/^one → two/m);
  await room.run('clear; exit');
  await room.shows(/session\.cast holds the session/);
  const [head = '', ...events] = (await readFile(file, 'utf8')).trimEnd().split('\n');
  expect(JSON.parse(head)).toMatchObject({
    version: 2,
    width: 100,
    height: 30,
    title: 'The answer that never comes back',
  });
  const parsed = events.map((line) => JSON.parse(line) as [number, string, string]);
  expect(parsed.map(([, , text]) => text).join('')).toMatch(/one → two\r\n/);
  expect(parsed.map(([seconds]) => seconds)).toEqual(parsed.map(([seconds]) => seconds).sort((a, b) => a - b));
  await room.run('clear');
  await room.type('record', file);
  await room.shows(/session\.cast exists already/);
  await room.lab('down', '--all');
  await room.nothingLeft();
});
