import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { labForTest, PROGRAM } from '../helpers/lab.js';

const PASSWORD = 'hunter2hunter2';
const BODY = 'dearest-diary-of-mine';

/** A process of the container with a password on its command line and in its environment, which sends a diary. */
const SENDER = `
const socket = require('dgram').createSocket('udp4');
setInterval(() => { socket.send('${BODY}', 53, '203.0.113.5'); socket.send('${BODY}', 7, '192.168.0.1'); }, 10);`;

/** The container's own connections to the service that is probed, which carry a diary. */
const CLIENT = `
const net = require('net');
setInterval(() => net.connect(80, '203.0.113.5', function () { this.end('${BODY}'); }).on('error', () => {}), 5);`;

const SERVER = `require('net').createServer((socket) => socket.resume()).listen(80, '203.0.113.5');`;

interface StoredFrames {
  readonly evidence: { readonly frames: readonly { readonly data: string }[] };
}

const payloadsWith = (text: string, run: StoredFrames): readonly string[] =>
  run.evidence.frames.map(({ data }) => data).filter((data) => Buffer.from(data, 'base64').includes(text));

test("a run keeps nothing of the container's other connections to the service that is probed", async () => {
  const lab = await labForTest('textbook');
  const background = (script: string, netns: string) => {
    const child = lab.start([process.execPath, '-e', script], netns);
    child.stdout.resume();
    child.stderr.resume();
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };
  background(SERVER, 'outside');
  const child = background(CLIENT, 'net1');
  const command = [...PROGRAM, 'trace', `pid:${child.pid}`, 'tcp://203.0.113.5:80', '--json', '--count', '20'];
  const [file = '', ...args] = lab.command(command);
  await expect.poll(async () => (await execa(file, args, { reject: false })).exitCode, { timeout: 10_000 }).toBe(0);
  const { stdout } = await execa(file, args);
  const run = JSON.parse(stdout);
  expect(run.evidence.sightings.length).toBeGreaterThan(20);
  expect(run.evidence.frames.length).toBeGreaterThanOrEqual(run.evidence.sightings.length);
  expect(payloadsWith(BODY, run)).toEqual([]);
});

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
  expect(run.evidence.frames.length).toBeGreaterThan(20);
  expect(payloadsWith(BODY, run)).toEqual([]);
});
