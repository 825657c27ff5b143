import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';
import { openTmux, type Tmux } from '../helpers/tmux.js';

let lab: TestLab;

beforeAll(async () => {
  lab = await openLab('textbook');
});
afterAll(() => lab.close());

const FORWARD_OFF = 'sysctl -qw net.ipv4.ip_forward=0';
const FORWARD_ON = 'sysctl -qw net.ipv4.ip_forward=1';
const NO_RETURN = 'iptables -I FORWARD -i eth0 -j DROP';
const RETURN_AGAIN = 'iptables -D FORWARD -i eth0 -j DROP';

/** The program, in the lab, with its runs in the lab's own folder. */
const inLab = (...args: readonly string[]): readonly string[] =>
  lab.command(['env', `XDG_STATE_HOME=${lab.stateFolder}`, ...PROGRAM, ...args]);

const TRACE = ['trace', 'net1', '203.0.113.5'] as const;

interface Terminal extends Tmux {
  /** Ends as it began: settings of the terminal, screen, and no process; gives what the program printed at its end. */
  restored(): Promise<string>;
}

/** A terminal that remembers its settings, with the program started in it. */
const start = async (
  args: readonly string[],
  [columns, rows]: readonly number[] = [100, 30],
  env: Readonly<Record<string, string>> = {},
): Promise<Terminal> => {
  const tmux = await openTmux(columns ?? 0, rows ?? 0, env);
  const settings = `/tmp/${lab.stateFolder.split('/').at(-1)}`;
  await tmux.run(`stty -a > ${settings}.before; clear`);
  await tmux.shows(/^\$\s*$/);
  await tmux.run(inLab(...args));
  return {
    ...tmux,
    restored: async () => {
      await vi.waitFor(async () => expect(await tmux.processes()).toEqual([]), { timeout: 10_000, interval: 50 });
      await tmux.run(
        `echo code=$?; stty -a | sed 's/rows.*columns [0-9]*;//' > ${settings}.after; sed 's/rows.*columns [0-9]*;//' ${settings}.before | cmp - ${settings}.after && echo same; rm ${settings}.before ${settings}.after`,
      );
      const text = await tmux.shows(/^(?:same|.* differ)/m);
      expect(text).toMatch(/^same$/m);
      expect(text).not.toMatch(/READ-ONLY/);
      return text;
    },
  };
};

const waitForBreak = async (command: string, undo: string, body: () => Promise<void>): Promise<void> => {
  await lab.run([command]);
  try {
    await body();
  } finally {
    await lab.run([undo]);
  }
};

test('a healthy flow: counts both ways, NAT, and the short diagnosis at exit', async () => {
  const terminal = await start(TRACE);
  const text = await terminal.shows(/● done/);
  expect(text).toMatch(/sent {2}3 .*seen {2}3 .*seen {2}3 .*seen {2}3 /);
  expect(text).toMatch(/reply 3\/3 +3\/3 +3\/3 +3\/3/);
  expect(text).toContain('NAT src → 198.51.100.10');
  expect(text).toContain('0 changes made to this host');
  expect(text).not.toContain('✗');
  await terminal.keys('q');
  expect(await terminal.restored()).toMatch(/ok: 203\.0\.113\.5 answers net1[\s\S]*code=0/);
});

test.each([
  [[100, 30], /═══✗ [\s\S]*stops here: route/],
  [[80, 24], /══✗ [\s\S]*stops here: route/],
])('a flow that is not forwarded, on %j', async (size, drawn) => {
  await waitForBreak(FORWARD_OFF, FORWARD_ON, async () => {
    const terminal = await start(TRACE, size);
    const text = await terminal.shows(/● done/);
    expect(text).toMatch(drawn);
    expect(text).toContain('error[V3001]');
    expect(text.match(/✗/g)).toHaveLength(1);
    await terminal.keys('f');
    await terminal.shows(/net\.ipv4\.ip_forward +0 → 1/);
    await terminal.keys('Escape');
    await terminal.shows(/DIAGNOSIS/);
    await terminal.keys('y');
    await terminal.shows(/printed again at exit/);
    await terminal.keys('q');
    expect(await terminal.restored()).toMatch(
      /help: +sysctl[\s\S]*copied:\nsysctl -w net\.ipv4\.ip_forward=1\n[\s\S]*code=3/,
    );
  });
});

test('answers that are dropped on their way back', async () => {
  await waitForBreak(NO_RETURN, RETURN_AGAIN, async () => {
    const terminal = await start(TRACE);
    const text = await terminal.shows(/● done/);
    expect(text).toContain('replies stop here: forward');
    expect(text).toMatch(/reply 0\/3 +0\/3 +0\/3 +✗ +3\/3/);
    await terminal.keys('2');
    await terminal.shows(/▶ .*FORWARD 1: [^\n]*\n[^\n]*DROP/);
    await terminal.keys('q');
    expect(await terminal.restored()).toMatch(/error\[V4\d+\][\s\S]*code=3/);
  });
});

test('p probes again and sees what has changed', async () => {
  const terminal = await start(TRACE);
  await terminal.shows(/● done/);
  await waitForBreak(FORWARD_OFF, FORWARD_ON, async () => {
    await terminal.keys('p');
    await terminal.shows(/error\[V3001\]/);
  });
  await terminal.keys('q');
  expect(await terminal.restored()).toMatch(/code=3/);
});

test('a resize during a trace draws anew, leaves nothing behind, and waits while it is too small', async () => {
  const terminal = await start([...TRACE, '--count', '40', '--interval', '50ms']);
  await terminal.shows(/PATH/);
  await terminal.resize(80, 24);
  const small = await terminal.shows(/^ out ▶ /m);
  expect(small).not.toContain('PATH');
  await terminal.resize(60, 20);
  await terminal.shows(/terminal is 60x20/);
  await terminal.resize(120, 40);
  const large = await terminal.shows(/┌─ PATH ─{80,}/);
  expect(large.match(/PACKETS/g)).toHaveLength(1);
  expect(large).not.toContain('terminal is');
  await terminal.shows(/● done/);
  await terminal.keys('q');
  expect(await terminal.restored()).toMatch(/ok: 203\.0\.113\.5 answers net1/);
});

test('keys can be bound anew, d shows the drops, and one key leaves the last frame on the normal screen', async () => {
  await waitForBreak(FORWARD_OFF, FORWARD_ON, async () => {
    const terminal = await start([...TRACE, '--keys', 'quit-with-frame=x drops=D']);
    await terminal.shows(/● done/);
    await terminal.keys('D');
    await terminal.shows(/KERNEL DROPS[\s\S]*\w+ in \w+[\s\S]*probe 1, on its way out/);
    await terminal.keys('Escape');
    await terminal.shows(/DIAGNOSIS/);
    await terminal.keys('x');
    await vi.waitFor(async () => expect(await terminal.processes()).toEqual([]), { timeout: 10_000, interval: 50 });
    const left = await terminal.shows(/help: +sysctl/);
    expect(left).toMatch(/┌─ PACKETS ─[\s\S]*D drops[\s\S]*error\[V3001\][\s\S]*help: +sysctl/);
  });
});

test('r writes a redacted report that show reads back', async () => {
  const terminal = await start(TRACE);
  await terminal.shows(/● done/);
  await terminal.keys('r');
  await terminal.shows(/redacted report: .*\/vethoscope\/reports\/run-\w+\.html/);
  await terminal.keys('q');
  await terminal.restored();
  const folder = `${lab.stateFolder}/vethoscope/reports`;
  const [page = ''] = await readdir(folder);
  const text = await readFile(`${folder}/${page}`, 'utf8');
  expect(text).toMatch(/^<!doctype html>/i);
  expect(text).not.toMatch(/203\.0\.113\.5|192\.168\.0\.2\b/);
});

test('a key that cannot be bound is one clear line', async () => {
  const terminal = await start([...TRACE], [100, 30], { VETHOSCOPE_KEYS: 'destroy=x' });
  await terminal.shows(/^error: --keys: no action "destroy"/m);
  expect(await terminal.restored()).toMatch(/code=2/);
});

test('q while it probes ends the captures', async () => {
  const terminal = await start([...TRACE, '--count', '100', '--interval', '100ms']);
  await terminal.shows(/sent {1,2}[1-9]/);
  expect((await terminal.processes()).filter(({ args }) => args.includes('tcpdump')).length).toBeGreaterThan(0);
  await terminal.keys('q');
  expect(await terminal.restored()).toMatch(/stopped before a diagnosis[\s\S]*code=130/);
});

test('Ctrl-C after the diagnosis prints it', async () => {
  const terminal = await start(TRACE);
  await terminal.shows(/● done/);
  await terminal.keys('C-c');
  expect(await terminal.restored()).toMatch(/ok: 203\.0\.113\.5[\s\S]*code=130/);
});

test('Ctrl-Z gives the terminal back to the shell, and fg draws again', async () => {
  const terminal = await start(TRACE);
  await terminal.shows(/● done/);
  await terminal.keys('C-z');
  const shell = await terminal.shows(/Stopped/);
  expect(shell).not.toContain('READ-ONLY');
  await terminal.run('fg');
  await terminal.shows(/● done/);
  await terminal.keys('q');
  expect(await terminal.restored()).toMatch(/ok: 203\.0\.113\.5[\s\S]*code=0/);
});

test('Ctrl-C while it probes ends the captures', async () => {
  const terminal = await start([...TRACE, '--count', '100', '--interval', '100ms']);
  await terminal.shows(/sent {1,2}[1-9]/);
  await terminal.keys('C-c');
  expect(await terminal.restored()).toMatch(/code=130/);
});

test('kill -TERM restores the terminal and prints nothing', async () => {
  const terminal = await start(TRACE);
  await terminal.shows(/● done/);
  const [program] = (await terminal.processes()).filter(({ args }) => /^\S*node .*trace/.test(args));
  if (!program) throw new Error('the program does not run');
  process.kill(program.pid, 'SIGTERM');
  const text = await terminal.restored();
  expect(text).toMatch(/code=143/);
  expect(text).not.toContain('answers net1');
});

test('a crash restores the terminal before its stack is printed', async () => {
  const crash = 'data:text/javascript,setTimeout(()=>{throw%20new%20Error(%22boom%22)},5000)';
  const terminal = await start(TRACE, [100, 30], { NODE_OPTIONS: `--import=${crash}` });
  await terminal.shows(/● done/);
  await terminal.shows(/error: Error: boom/);
  expect(await terminal.restored()).toMatch(/this is a bug of vethoscope[\s\S]*code=1$/m);
});

test('an unknown target leaves the screen with one clear line', async () => {
  const terminal = await start(['trace', 'net7', '203.0.113.5']);
  await terminal.shows(/^error: [^\n]*net7/m);
  expect(await terminal.restored()).toMatch(/code=2/);
});

test('a terminal below 80x24 says so and gets text', async () => {
  const terminal = await start(TRACE, [70, 20]);
  await terminal.shows(/terminal is 70x20, the live view needs 80x24; text mode:/);
  expect(await terminal.restored()).toMatch(/ok: 203\.0\.113\.5 answers net1/);
});

test('what is missing is picked, and no third party is offered', async () => {
  const terminal = await start(['trace']);
  await terminal.shows(/net1 .*192\.168\.0\.2/);
  await terminal.keys('n', 'e', 't', '1', 'Enter');
  const text = await terminal.shows(/192\.168\.0\.1 +its gateway/);
  expect(text).toMatch(/▶ 192\.168\.0\.1 /);
  await terminal.keys('Enter');
  await terminal.shows(/● done/);
  await terminal.keys('q');
  expect(await terminal.restored()).toMatch(/ok: 192\.168\.0\.1 answers net1/);
});

test('a watch shows loss, says what changed, and sums up', async () => {
  const terminal = await start(['watch', 'net1', '203.0.113.5', '--interval', '100ms', '--wait', '200ms']);
  await terminal.shows(/ok: 203\.0\.113\.5 answers net1/);
  await terminal.shows(/1 eth0 +\d+ +\d+ +0\.0% +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ [▁-█]/);
  await waitForBreak(FORWARD_OFF, FORWARD_ON, async () => {
    await terminal.shows(/forwarding off on/);
    await terminal.shows(/1 eth0 +\d+ +\d+ +[1-9][\d.]*%.*✗/);
  });
  await terminal.keys('q');
  expect(await terminal.restored()).toMatch(/\d+ of \d+ probes answered[\s\S]*code=[34]/);
});
