import { expect, test } from 'vitest';
import type { Topology } from '../../../src/discover/topology.js';
import { userSpaceNetwork, withUserSpaceNote } from '../../../src/discover/user-space.js';
import type { LinkState } from '../../../src/model/state.js';
import type { Target } from '../../../src/model/target.js';

const link = (ifname: string, kind: string | null): LinkState =>
  ({ ifname, kind, flags: ifname === 'lo' ? ['LOOPBACK', 'UP'] : ['UP'] }) as unknown as LinkState;

const lo = link('lo', null);
const target: Target = { kind: 'podman', spelled: 'web', name: 'web', pid: 7, netnsPath: '/proc/7/ns/net' };
const around = (...links: readonly LinkState[]): Topology =>
  ({ netns: [{ ref: { id: 'target' }, links }] }) as unknown as Topology;

test('a tap device alone is the network of a container without root', () => {
  expect(userSpaceNetwork({ links: [lo, link('tap0', 'tun')] })?.ifname).toBe('tap0');
  expect(withUserSpaceNote(target, around(lo, link('tap0', 'tun'))).notes).toEqual([
    expect.stringMatching(/^tap0 leads to a program \(slirp4netns or pasta/),
  ]);
});

test.each([
  ['a veth', [lo, link('eth0', 'veth')]],
  ['a VPN beside a veth', [lo, link('eth0', 'veth'), link('tun0', 'tun')]],
  ['no device at all', [lo]],
])('%s is not', (_, links) => {
  expect(userSpaceNetwork({ links })).toBeNull();
  expect(withUserSpaceNote(target, around(...links))).toBe(target);
});
