import { expect, test } from 'vitest';
import type { Run } from '../../../src/model/run.js';
import { netnsPathOf } from '../../../src/repair/command.js';
import { planRepair } from '../../../src/repair/plan.js';

test.each([
  ['ip -n net2 link set dev eth0 mtu 1500', '/run/netns/net2'],
  ['bridge -n net2 link set dev v0 isolated off', '/run/netns/net2'],
  ['ip netns exec net2 tc qdisc del dev eth0 root', '/run/netns/net2'],
  ['nsenter --net=/proc/7/ns/net ip link set dev eth0 mtu 1500', '/proc/7/ns/net'],
  ['ip link set dev eth0 mtu 1500', null],
])('%s runs in %s', (command, path) => {
  expect(netnsPathOf(command.split(' '))).toBe(path);
});

const netns = [
  { id: 'host', name: 'host', path: '/proc/self/ns/net', inode: 1 },
  { id: 'ns1', name: 'net2', path: '/var/run/netns/net2', inode: 2 },
  { id: 'ns2', name: '7', path: '/proc/7/ns/net', inode: 3 },
];

test('each step of a remedy is looked up in the namespace in which it runs', () => {
  const remedy = {
    kind: 'runtime',
    title: 'give all ends the same MTU',
    netns: 'host',
    commands: [
      ['ip', 'link', 'set', 'dev', 'eth0', 'mtu', '1500'],
      ['ip', '-n', 'net2', 'link', 'set', 'dev', 'eth0', 'mtu', '1500'],
      ['nsenter', '--net=/proc/7/ns/net', 'ip', 'link', 'set', 'dev', 'eth0', 'mtu', '1500'],
      ['ip', '-n', 'net2', 'route', 'flush', 'cache'],
    ],
    undo: [],
    risk: 'medium',
    riskText: '',
  };
  const run = {
    run: { id: 'r1', hostname: 'vm' },
    target: { spelled: 'net1' },
    flow: { destinationText: '192.168.0.3' },
    evidence: { netns },
    findings: [{ rank: 'root', cause: 'br-mtu-smaller-than-port-c2c', title: '', remedies: [remedy] }],
  } as unknown as Run;
  const mtuOf = (mtu: number) => new Map([['mtu eth0', `${mtu}`]]);
  const state = new Map([
    ['host', mtuOf(1000)],
    ['ns1', mtuOf(1100)],
    ['ns2', mtuOf(1200)],
  ]);
  const { steps } = planRepair(run, state, { only: null, strict: false, from: 1, run: 'r1' });
  expect(steps.map((step) => [step.netns, step.before])).toEqual([
    ['host', '1000'],
    ['ns1', '1100'],
    ['ns2', '1200'],
    ['ns1', null],
  ]);
  expect(steps.at(-1)?.effects).toEqual([expect.stringContaining('not put back by undo')]);
});
