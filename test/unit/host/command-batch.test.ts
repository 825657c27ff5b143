import { existsSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { CommandBatch } from '../../../src/host/command-batch.js';
import { CommandLane } from '../../../src/host/command-lane.js';

const UNTIL_INTERRUPTED = [
  'perl',
  '-e',
  '$| = 1; $SIG{INT} = sub { print "last\\n"; exit 7 }; print "first\\n$$\\n"; print STDERR "to-err\\n"; sleep 30',
];

test('what a watched command says before its shell tells the PID is kept', async () => {
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const group = { kill: () => {}, gone: new Promise(() => {}) };
  const lane = new CommandLane(streams, { netns: null, signal: undefined, group, silent: new Set(), onFree: () => {} });
  const mark = /000([0-9a-f]{24}) /.exec(`${streams.stdin.read()}`)?.[1];
  const pids: number[] = [];
  const ended = new Promise((resolve) => {
    lane.take({ argv: ['x'], options: { onStart: (pid) => pids.push(pid) }, resolve });
  });
  streams.stdout.write(`early\n\0${mark} 42\nlate\n\0${mark} 0\n`);
  streams.stderr.write(`\0${mark} 42\nto-err\n\0${mark} 0\n`);
  expect(await ended).toMatchObject({ stdout: 'early\nlate\n', stderr: 'to-err\n', exitCode: 0, pid: 42 });
  expect(pids).toEqual([42]);
});

describe('CommandBatch', () => {
  test('gives each command its own output, errors and exit code, in any number of shells', async () => {
    for (const lanes of [1, 2, 5]) {
      const { run } = new CommandBatch(lanes);
      const results = await Promise.all([
        run(['printf', 'one\n']),
        run(['sh', '-c', 'echo to-out; echo to-err >&2; exit 3']),
        run(['true']),
        run(['printf', '%s', 'no line feed']),
      ]);
      expect(results.map(({ stdout, stderr, exitCode, failure }) => [stdout, stderr, exitCode, failure])).toEqual([
        ['one\n', '', 0, null],
        ['to-out\n', 'to-err\n', 3, 'exit'],
        ['', '', 0, null],
        ['no line feed', '', 0, null],
      ]);
    }
  });

  test('hands words on as they are, whatever a shell would make of them', async () => {
    const words = ["it's", '$(id)', '`id`', '"', '\\', '*', ';', '&', '', 'a\nb', '-n', '$1', '\u001b[31m', 'ü'];
    const { stdout } = await new CommandBatch(1).run(['printf', '<%s>', ...words]);
    expect(stdout).toBe(words.map((word) => `<${word}>`).join(''));
  });

  test('feeds input, and gives none to a command that asks for none', async () => {
    const { run } = new CommandBatch(1);
    const [fed, empty] = await Promise.all([run(['cat'], { input: 'a\nb%s\\n' }), run(['cat'])]);
    expect([fed.stdout, empty.stdout]).toEqual(['a\nb%s\\n', '']);
  });

  test('tells a program that is not there', async () => {
    const { run } = new CommandBatch(1);
    const [missing, after] = await Promise.all([run(['no-such-program-here', 'x']), run(['echo', 'on'])]);
    expect(missing.failure).toBe('missing-tool');
    expect(after.stdout).toBe('on\n');
  });

  test('ends a command that outlasts its limit, and still runs what stood behind it', async () => {
    const { run } = new CommandBatch(1);
    const [before, hanging, behind] = await Promise.all([
      run(['echo', 'before']),
      run(['sleep', '30'], { timeoutMs: 150 }),
      run(['echo', 'behind']),
    ]);
    expect([before.stdout, hanging.failure, behind.stdout]).toEqual(['before\n', 'timeout', 'behind\n']);
    expect(hanging.ms).toBeLessThan(5000);
  });

  test('tells the process of one that is watched, keeps all that it said, and interrupts it alone', async () => {
    const { run } = new CommandBatch(1);
    const pids: number[] = [];
    const enough = new AbortController();
    const watched = run(UNTIL_INTERRUPTED, { onStart: (pid) => pids.push(pid), interrupt: enough.signal });
    const behind = run(['echo', 'behind']);
    await vi.waitFor(() => expect(pids).toHaveLength(1));
    await sleep(100);
    enough.abort();
    const { stdout, stderr, exitCode, failure, pid } = await watched;
    expect([stdout, stderr, exitCode, failure]).toEqual([`first\n${pids[0]}\nlast\n`, 'to-err\n', 7, 'exit']);
    expect(pid).toBe(pids[0]);
    expect((await behind).stdout).toBe('behind\n');
  });

  test('interrupts at once what is no more wanted when it starts, and leaves what has ended alone', async () => {
    const { run } = new CommandBatch(1);
    const enough = new AbortController();
    expect((await run(['true'], { interrupt: enough.signal })).exitCode).toBe(0);
    enough.abort();
    const late = await run(UNTIL_INTERRUPTED, { interrupt: enough.signal });
    expect([late.exitCode, late.failure]).toEqual([7, 'exit']);
  });

  test('ends a command that says without end, keeps what it said before, and runs what stood behind it', async () => {
    const { run } = new CommandBatch(1);
    const [endless, behind] = await Promise.all([run(['yes', 'x'.repeat(10_000)]), run(['echo', 'behind'])]);
    expect([endless.failure, endless.stdout.length > 100_000_000]).toEqual(['too-much-output', true]);
    expect(behind.stdout).toBe('behind\n');
  });

  test('does not ask a program again that gave no answer', async () => {
    const { run } = new CommandBatch(1);
    const [hanging, same, other] = await Promise.all([
      run(['sleep', '30'], { timeoutMs: 150 }),
      run(['sleep', '0']),
      run(['true']),
    ]);
    expect([hanging.failure, same.failure, other.failure]).toEqual(['timeout', 'timeout', null]);
    expect((await run(['sleep', '0'])).failure).toBe('timeout');
  });

  test('puts nothing behind a command that may take long while another shell is free', async () => {
    const batch = new CommandBatch(2);
    const waited = 'cat >/dev/null; echo $PPID';
    const shellOf = async (script: string, long: boolean): Promise<string> =>
      (await batch.run(['sh', '-c', script], { long })).stdout;
    const ended: string[] = [];
    const noted = (name: string, shell: Promise<string>): Promise<string> => shell.finally(() => void ended.push(name));
    const [first, second, ...others] = await Promise.all([
      noted('long', shellOf('sleep 1; echo $PPID', true)),
      noted('long', shellOf('sleep 0.5; echo $PPID', true)),
      noted('short', shellOf(waited, false)),
      noted('short', shellOf(waited, false)),
    ]);
    expect(second).not.toBe(first);
    expect(others).toEqual([second, second]);
    expect(ended).toEqual(['long', 'short', 'short', 'long']);
    await batch.close();
  });

  test('says that a command was cancelled', async () => {
    const stop = new AbortController();
    const { run } = new CommandBatch(1);
    const pending = run(['sleep', '30'], { signal: stop.signal });
    await sleep(100);
    stop.abort();
    expect((await pending).failure).toBe('cancelled');
  });

  test('takes large outputs, and output with NULs in it', async () => {
    const { run } = new CommandBatch(1);
    const [large, nuls] = await Promise.all([run(['head', '-c', '3000000', '/dev/zero']), run(['printf', 'a\\000b'])]);
    expect(large.stdout.length).toBe(3_000_000);
    expect(nuls.stdout).toBe('a\0b');
  });

  test('keeps its shells for the commands that come later, until it is closed', async () => {
    const batch = new CommandBatch(1);
    const shell = async (): Promise<string> => (await batch.run(['sh', '-c', 'echo $PPID'])).stdout;
    const first = await shell();
    expect(await shell()).toBe(first);
    expect(isAlive(Number(first))).toBe(true);
    await batch.close();
    expect(isAlive(Number(first))).toBe(false);
    expect(await shell()).not.toBe(first);
    await batch.close();
  });

  test('runs what waits when it is closed, and leaves no shell behind', async () => {
    const batch = new CommandBatch(1);
    const shells = Array.from({ length: 8 }, () => batch.run(['sh', '-c', 'sleep 0.05; echo $PPID']));
    await batch.close();
    const pids = (await Promise.all(shells)).map(({ stdout }) => Number(stdout));
    expect(pids.every((pid) => pid > 0 && !isAlive(pid))).toBe(true);
  });

  test('runs the rest when its shell is killed', async () => {
    const batch = new CommandBatch(1);
    const killsItsShell = 'read -r name </proc/$PPID/comm; test "$name" != sh || kill -KILL $PPID; echo alone';
    const results = await Promise.all([
      batch.run(['sh', '-c', killsItsShell]),
      batch.run(['echo', 'behind']),
      batch.run(['sh', '-c', 'echo far >&2; exit 4']),
    ]);
    expect(results.map(({ stdout, stderr, exitCode }) => [stdout, stderr, exitCode])).toEqual([
      ['alone\n', '', 0],
      ['behind\n', '', 0],
      ['', 'far\n', 4],
    ]);
    await batch.close();
  });
});

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}/stat`);
