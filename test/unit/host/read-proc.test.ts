import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { CommandBatch } from '../../../src/host/command-batch.js';
import { catProc } from '../../../src/host/read-proc.js';
import { runCommand } from '../../../src/host/run-command.js';

const OWN = { netns: null, pid: null };

test.each([
  [['/proc/net/dev_snmp6/lo']],
  [['/proc/net/dev_snmp6/lo', '/proc/net/no-such', '/proc/net/protocols']],
  [['/proc/net/no-such']],
])('says of %j what cat says', async (files) => {
  const argv = ['cat', ...files];
  const { ms: _, pid: __, ...said } = await runCommand(argv);
  const stable = (text: string): string => text.replace(/\d+/g, 'N');
  const read = catProc(argv, OWN);
  expect(read).toMatchObject({ argv, exitCode: said.exitCode, stderr: said.stderr, failure: said.failure });
  expect(stable(read?.stdout ?? '')).toBe(stable(said.stdout));
});

test.each([
  [['cat']],
  [['head', '/proc/net/dev']],
  [['cat', '/etc/hostname']],
  [['cat', '/proc/net/dev', '/proc/1/root/etc/resolv.conf']],
  [['cat', '/proc/net/stat']],
])('leaves %j to the program', (argv) => {
  expect(catProc(argv, OWN)).toBeNull();
});

const root = process.getuid?.() === 0;

test.skipIf(!root)('reads a namespace by a process in it, and none by a process elsewhere', async () => {
  const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo in; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  const pid = holder.pid ?? -1;
  const netns = `/proc/${pid}/ns/net`;
  const argv = ['cat', '/proc/net/dev'];
  const inside = execFileSync('nsenter', [`--net=${netns}`, ...argv], { encoding: 'utf8' });
  expect(catProc(argv, { netns, pid })?.stdout).toBe(inside);
  expect(catProc(argv, { netns, pid: process.pid })).toBeNull();
  expect(catProc(argv, { netns, pid: null })).toBeNull();
  expect(catProc(argv, { netns: '/proc/0/ns/net', pid })).toBeNull();

  const { run } = new CommandBatch(1);
  const asked = ['nsenter', `--net=${netns}`, '--', ...argv];
  const before = await run(asked);
  await run(['nsenter', `--net=${netns}`, '--', 'true']);
  const after = await run(asked);
  expect([before.stdout, after.stdout]).toEqual([inside, inside]);
  expect(after.argv).toEqual(asked);
});
