import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { labForTest, PROGRAM } from '../helpers/lab.js';

const PASSWORD = 'hunter2hunter2';
const BODY = 'dearest-diary-of-mine';

/** A process of the container with a password on its command line and in its environment, which sends a diary. */
const SENDER = `
const socket = require('dgram').createSocket('udp4');
setInterval(() => { socket.send('${BODY}', 53, '203.0.113.5'); socket.send('${BODY}', 7, '192.168.0.1'); }, 10);`;

test('a run holds no payload of others, no environment and no command line', async () => {
  const lab = await labForTest('textbook');
  const child = lab.start(
    ['env', `SECRET=${PASSWORD}`, process.execPath, '-e', SENDER, '--', `--password=${PASSWORD}`],
    'net1',
  );
  child.stdout.resume();
  child.stderr.resume();
  onTestFinished(() => void child.kill('SIGKILL'));
  await lab.run(['sysctl -qw net.ipv4.ip_forward=0']);
  const command = [...PROGRAM, 'trace', `pid:${child.pid}`, '203.0.113.5', '--json', '-vv', '--count', '20'];
  const [file = '', ...args] = lab.command(command);
  const { stdout, exitCode } = await execa(file, args, { reject: false });
  expect(exitCode).toBe(3);
  const run = JSON.parse(stdout);
  const encodings = (text: string) => [text, Buffer.from(text).toString('hex'), Buffer.from(text).toString('base64')];
  for (const text of [...encodings(PASSWORD), ...encodings(BODY)]) expect(stdout).not.toContain(text);
  const frames = run.evidence.frames as readonly { readonly data: string }[];
  expect(frames.length).toBeGreaterThan(20);
  for (const { data } of frames) expect(Buffer.from(data, 'base64').includes(BODY)).toBe(false);
});
