import { DESTINATION, uplink } from '../../src/lab/topologies/textbook.js';
import type { Topology } from '../../src/lab/topology.js';
import type { TestLab } from './lab.js';
import { PROGRAM } from './lab.js';

/** A host with a way outside, and a namespace `net1` with nothing in it. */
export const bareHost: Topology = {
  id: 'bare-host',
  title: 'a host with an uplink, and an empty namespace',
  namespaces: ['net1', 'outside'],
  steps: [
    ...uplink,
    { netns: 'host', commands: ['sysctl -qw net.ipv4.ip_forward=0', 'iptables -P FORWARD DROP'] },
    { netns: 'net1', commands: ['ip link set lo down'] },
  ],
  target: 'net1',
  destination: DESTINATION,
};

/** Runs the program in the host namespace of a lab, with a journal of its own. */
export const vethoscopeIn =
  (lab: TestLab) =>
  (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    lab.exec([...PROGRAM, ...args], { timeoutMs: 120_000, env: { VETHOSCOPE_STATE: lab.stateFolder, ...env } });

const LISTEN = `require('node:net').createServer((s) => s.end('from ' + s.remoteAddress)).listen(+process.argv[1], '::', () => console.log('up'));`;
const CONNECT = `
const s = require('node:net').connect(+process.argv[2], process.argv[1]);
s.setTimeout(2000, () => process.exit(1)).on('error', () => process.exit(1)).on('data', () => process.exit(0));`;

/** Serves TCP on a port of a namespace until the lab is closed. */
export const serveIn = async (lab: TestLab, netns: string, port: number): Promise<void> => {
  const child = lab.start([process.execPath, '-e', LISTEN, String(port)], netns);
  await new Promise((resolve) => child.stdout.once('data', resolve));
};

/** Whether a TCP connection from a namespace brings an answer. */
export const connects = async (lab: TestLab, netns: string, address: string, port: number): Promise<boolean> =>
  (await lab.exec([process.execPath, '-e', CONNECT, address, String(port)], { netns, timeoutMs: 5_000 })).exitCode ===
  0;

const ECHO = `const s = require('node:dgram').createSocket({ type: 'udp6' });
s.on('message', (text, { port, address }) => s.send(text, port, address)).bind(+process.argv[1], '::', () => console.log('up'));`;
const ASK = `
const [, address, port] = process.argv;
const s = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
setTimeout(() => process.exit(1), 2000);
s.on('message', () => process.exit(0)).send('hello', +port, address);`;

/** Sends every datagram to a port of a namespace back, until the lab is closed. */
export const echoIn = async (lab: TestLab, netns: string, port: number): Promise<void> => {
  const child = lab.start([process.execPath, '-e', ECHO, String(port)], netns);
  await new Promise((resolve) => child.stdout.once('data', resolve));
};

/** Whether a datagram from a namespace comes back. */
export const echoes = async (lab: TestLab, netns: string, address: string, port: number): Promise<boolean> =>
  (await lab.exec([process.execPath, '-e', ASK, address, String(port)], { netns, timeoutMs: 5_000 })).exitCode === 0;
