import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '../../../src/host/run-command.js';
import type { NetnsRef } from '../../../src/model/netns.js';

/** These tests make namespaces in the initial user namespace; without root they are skipped. */
export const notRoot = process.geteuid?.() !== 0;

export type Place = 'target' | 'router' | 'outside';

/** The classic lab, in three namespaces without names that vanish with the processes that hold them. */
export interface Textbook {
  readonly netns: readonly NetnsRef[];
  readonly ref: (place: Place) => NetnsRef;
  /** Runs one command line in a namespace; the words are split at spaces. */
  readonly run: (place: Place, command: string) => Promise<string>;
  readonly dispose: () => Promise<void>;
}

const NO_DAD = 'sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0';

const SETUP: readonly (readonly [Place, string])[] = [
  ['target', NO_DAD],
  ['router', NO_DAD],
  ['outside', NO_DAD],
  ['target', 'ip link set lo up'],
  ['outside', 'ip link set lo up'],
  ['router', 'ip link add veth1_p type veth peer name eth0 netns TARGET'],
  ['router', 'ip link add br0 type bridge'],
  ['router', 'ip link set veth1_p master br0 up'],
  ['router', 'ip addr add 192.168.0.1/24 dev br0'],
  ['router', 'ip -6 addr add 2001:db8:1::1/64 dev br0 nodad'],
  ['router', 'ip link set br0 up'],
  ['target', 'ip addr add 192.168.0.2/24 dev eth0'],
  ['target', 'ip -6 addr add 2001:db8:1::2/64 dev eth0 nodad'],
  ['target', 'ip link set eth0 up'],
  ['target', 'ip route add default via 192.168.0.1'],
  ['target', 'ip -6 route add default via 2001:db8:1::1'],
  ['router', 'ip link add eth0 type veth peer name up0 netns OUTSIDE'],
  ['router', 'ip addr add 198.51.100.10/24 dev eth0'],
  ['router', 'ip -6 addr add 2001:db8:2::10/64 dev eth0 nodad'],
  ['router', 'ip link set eth0 up'],
  ['router', 'ip route add default via 198.51.100.1'],
  ['outside', 'ip addr add 198.51.100.1/24 dev up0'],
  ['outside', 'ip -6 addr add 2001:db8:2::1/64 dev up0 nodad'],
  ['outside', 'ip addr add 203.0.113.5/32 dev lo'],
  ['outside', 'ip link set up0 up'],
  ['outside', 'ip -6 route add 2001:db8:1::/64 via 2001:db8:2::10'],
  ['router', 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1'],
  ['router', 'iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE'],
];

export const createTextbook = async (): Promise<Textbook> => {
  const [target, router, outside] = await Promise.all([hold(), hold(), hold()]);
  const holders: Record<Place, ChildProcess> = { target, router, outside };
  const pid = (place: Place) => `${holders[place].pid}`;
  const path = (place: Place) => `/proc/${pid(place)}/ns/net`;
  const netns = (Object.keys(holders) as Place[]).map((place): NetnsRef => {
    const inode = Number(readlinkSync(path(place)).match(/\d+/)?.[0]);
    return { id: place, name: place, path: path(place), inode };
  });
  const run = async (place: Place, command: string): Promise<string> => {
    const words = command.replace('TARGET', pid('target')).replace('OUTSIDE', pid('outside')).split(' ');
    const result = await runCommand(['nsenter', `--net=${path(place)}`, '--', ...words]);
    if (result.exitCode !== 0) throw new Error(`${place}: ${command}: ${result.stderr}`);
    return result.stdout;
  };
  const dispose = async (): Promise<void> => {
    for (const holder of Object.values(holders)) holder.kill('SIGKILL');
  };
  for (const [place, command] of SETUP) await run(place, command);
  return {
    netns,
    ref: (place) => netns.find((candidate) => candidate.id === place) as NetnsRef,
    run,
    dispose,
  };
};

/** A process that holds a new network namespace, and ends with us. */
const hold = async (): Promise<ChildProcess> => {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '-n', 'sleep', '600'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const own = readlinkSync('/proc/self/ns/net');
  for (let tries = 0; tries < 200; tries += 1) {
    await sleep(5);
    if (child.exitCode !== null) break;
    if (readlinkSync(`/proc/${child.pid}/ns/net`) !== own) return child;
  }
  throw new Error('no namespace of our own: are we root?');
};
